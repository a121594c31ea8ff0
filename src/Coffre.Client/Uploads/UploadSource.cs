using Coffre.Protocol;

namespace Coffre.Client;

/// <summary>Something to upload: a name, and bytes that can be read once or again.</summary>
public sealed class UploadSource
{
    private readonly Func<Stream> _open;

    private UploadSource(string name, long? length, bool canReopen, Func<Stream> open)
    {
        if (Names.Check(name) is { } trouble)
        {
            throw new CoffreException(CoffreError.BadName, $"'{name}' cannot be the name of a remote file: {trouble.Reason}.")
            {
                Advice = name.Length > Names.MaxLength
                    ? $"shorten it to at most {Names.MaxLength} characters"
                    : "pass it through NameEncoding.Encode, or choose another",
            };
        }

        Name = name;
        Length = length;
        CanReopen = canReopen;
        _open = open;
    }

    /// <summary>Name that the file gets on the service.</summary>
    public string Name { get; }

    /// <summary>Bytes; null if that shows only at the end.</summary>
    public long? Length { get; }

    /// <summary>Whether a failed upload can be tried again from the first byte.</summary>
    public bool CanReopen { get; }

    /// <summary>A local file.</summary>
    /// <param name="path">Where it lies.</param>
    /// <param name="name">Name on the service; null takes the local one through <see cref="NameEncoding"/>.</param>
    /// <exception cref="CoffreException"><see cref="CoffreError.BadName"/>, or <see cref="CoffreError.LocalFile"/>: it is not there.</exception>
    public static UploadSource FromFile(string path, string? name = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            // The length of a link is that of its own text; what is read is what it points to.
            var file = new FileInfo(path);
            var target = file.Exists && file.Attributes.HasFlag(FileAttributes.ReparsePoint) ? file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file : file;
            return new UploadSource(name ?? NameEncoding.Encode(file.Name), target.Length, canReopen: true, () => OpenFile(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CoffreException(CoffreError.LocalFile, $"{path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>A stream, read once from where it stands. The client disposes it.</summary>
    /// <param name="stream">What to read.</param>
    /// <param name="name">Name on the service.</param>
    /// <param name="length">Bytes that it will give; null if unknown.</param>
    public static UploadSource FromStream(Stream stream, string name, long? length = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return new UploadSource(name, length, canReopen: false, () => stream);
    }

    /// <summary>Bytes in memory. They must not change until the upload is over.</summary>
    public static UploadSource FromBytes(ReadOnlyMemory<byte> content, string name) =>
        new(name, content.Length, canReopen: true, () => System.Runtime.InteropServices.MemoryMarshal.TryGetArray(content, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(content.ToArray(), writable: false));

    internal static UploadSource FromSpool(string path, string name, long length) =>
        new(name, length, canReopen: true, () => OpenFile(path));

    internal Stream Open()
    {
        try
        {
            return _open();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CoffreException(CoffreError.LocalFile, $"{Name} cannot be read: {exception.Message}", exception);
        }
    }

    // No buffer of its own: reads are large. Others may go on writing; a change of length is noticed.
    private static FileStream OpenFile(string path) => new(path, new FileStreamOptions
    {
        Access = FileAccess.Read,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        Options = FileOptions.SequentialScan,
    });
}
