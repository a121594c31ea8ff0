using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Coffre.Client.Local;

namespace Coffre.Client.Downloads;

/// <summary>The unfinished file beside the one that it will become.</summary>
/// <remarks>
/// <para>Its name holds a digest of link, size and checksum: a file that changed on the service gets another part file, so old
/// and new bytes never meet. The name is cut so that it fits where the final name fits.</para>
/// <para>As long as its bytes come in order its length says how far it is. Once several ranges come side by side it is longer than the
/// file, and a <see cref="PartMap"/> at its end says what is there.</para>
/// </remarks>
internal sealed class PartFile : IRangeSink, IAsyncDisposable
{
    private const int LongestStem = 40;

    // So many bytes may come twice if this process is killed.
    private const long MapInterval = 1024 * 1024;

    /// <summary>Of smaller files there are many, and each sync takes as long as one of them.</summary>
    public const long LeastSynced = 1024 * 1024;

    private readonly FileStream _stream;
    private readonly RemoteFile _file;
    private readonly IProgress<long>? _progress;
    private readonly TimeProvider _time;
    private readonly DiskCalls _disk;
    private readonly Lock _gate = new();
    private OrderedDigest _digest;
    private PartMap? _map;
    private DownloadSource? _source;
    private string? _earlierTag;
    private long _mapped;
    private bool _isDiskBroken;

    private PartFile(FileStream stream, RemoteFile file, IProgress<long>? progress, CoffreClientOptions options)
    {
        (_stream, _file, _progress, _time, _disk) = (stream, file, progress, options.TimeProvider, options.Disk);
        var came = new ByteExtents();
        Load(came);
        EarlierBytes = _mapped = came.Total;
        _digest = new OrderedDigest(stream.SafeFileHandle, came, file.Size, _time);
        progress?.Report(EarlierBytes);
    }

    /// <summary>Bytes that an earlier run brought.</summary>
    public long EarlierBytes { get; }

    public bool IsComplete => _digest.Came == _file.Size;

    /// <summary>Whether a power cut keeps all of it; after <see cref="FinishAsync"/>.</summary>
    public bool IsSynced { get; private set; }

    /// <summary>Version of the remote file, as the service named it when the bytes here came; null if unknown.</summary>
    public string? Tag => _source?.Version?.ToString() ?? _earlierTag;

    public static string PathFor(string finalPath, RemoteFile file)
    {
        var name = Path.GetFileName(finalPath);
        var stem = name.Length <= LongestStem ? name : name[..(char.IsHighSurrogate(name[LongestStem - 1]) ? LongestStem - 1 : LongestStem)];
        var identity = SHA256.HashData(Encoding.UTF8.GetBytes($"{file.Link}\n{file.Size}\n{file.Checksum}"));
        var folder = Path.GetDirectoryName(finalPath);
        return Path.Combine(folder ?? "", $"{stem}.{Convert.ToHexStringLower(identity.AsSpan(0, 5))}.part");
    }

    /// <summary>Opens it and begins to digest what is there; another process cannot open it meanwhile.</summary>
    /// <exception cref="IOException">Another run writes it, the disk has no room for all of it, or refuses.</exception>
    public static PartFile Open(string path, bool keep, RemoteFile file, IProgress<long>? progress, CoffreClientOptions options)
    {
        var isNew = !File.Exists(path);
        var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = isNew ? FileMode.CreateNew : FileMode.Open,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,

            // Its room on the disk is taken at once; its length stays nought.
            PreallocationSize = isNew ? file.Size : 0,
        });
        try
        {
            if (!keep)
            {
                stream.SetLength(0);
            }

            return new PartFile(stream, file, progress, options);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>What is missing, in order.</summary>
    public IReadOnlyList<Extent> Holes() => _digest.Look(came => came.Holes(_file.Size).ToArray());

    /// <summary>From now on bytes may come in any order.</summary>
    /// <param name="source">Knows, once it was asked, which version they belong to.</param>
    public void BeginMap(DownloadSource source)
    {
        lock (_gate)
        {
            _source = source;
            _map ??= new PartMap(_stream.SafeFileHandle, _file.Size);
            WriteMap();
            if (_file.Checksum is null)
            {
                // Without it on the disk, a power cut could leave a length that names holes as bytes that came.
                Sync();
            }
        }
    }

    public async ValueTask<byte[]> TakeAsync(byte[] buffer, int offset, int count, long position, CancellationToken cancellationToken)
    {
        // Nothing waits from here on: a buffer that was kept must not be given back by whoever was cancelled.
        await _digest.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
        RandomAccess.Write(_stream.SafeFileHandle, buffer.AsSpan(offset, count), position);
        var isKept = _digest.Take(buffer, offset, count, position);
        lock (_gate)
        {
            var came = _digest.Came;
            if (_map is not null && came - _mapped >= MapInterval)
            {
                WriteMap();
            }

            _progress?.Report(came);
        }

        return isKept ? ArrayPool<byte>.Shared.Rent(buffer.Length) : buffer;
    }

    /// <summary>Starts again from nothing.</summary>
    public async Task ClearAsync()
    {
        await _digest.DisposeAsync().ConfigureAwait(false);
        _stream.SetLength(0);
        (_map, _mapped, _earlierTag, _source) = (null, 0, null, null);
        _digest = new OrderedDigest(_stream.SafeFileHandle, new ByteExtents(), _file.Size, _time);
    }

    /// <summary>The digest of everything, and the file cut to its size, on the disk where much would be lost. Call once, at the end.</summary>
    /// <param name="replaces">Whether another file goes for it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<string> FinishAsync(bool replaces, CancellationToken cancellationToken)
    {
        var checksum = await _digest.FinishAsync(cancellationToken).ConfigureAwait(false);
        var isToSync = replaces || _map is not null || _file.Size >= LeastSynced;
        if (_map is not null)
        {
            // All bytes are there: from here on its length says so.
            _map = null;
            _stream.SetLength(_file.Size);
        }

        if (isToSync)
        {
            // Else a power cut could leave the name, the size and the time, and holes: nobody would look again.
            Sync();
            IsSynced = true;
        }

        return checksum;
    }

    public async ValueTask DisposeAsync()
    {
        await _digest.DisposeAsync().ConfigureAwait(false);
        try
        {
            lock (_gate)
            {
                if (_isDiskBroken)
                {
                    _stream.SetLength(0);
                }
                else if (_map is not null)
                {
                    WriteMap();
                }
            }
        }
        catch (IOException)
        {
            // The map before it holds, and what it does not name comes again. A disk that is broken may refuse anything.
        }
        finally
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Load(ByteExtents came)
    {
        if (_stream.Length <= _file.Size)
        {
            came.Add(0, _stream.Length);
            return;
        }

        var map = new PartMap(_stream.SafeFileHandle, _file.Size);
        if (_stream.Length == _file.Size + PartMap.Length && map.TryRead(came, out var tag))
        {
            (_map, _earlierTag) = (map, tag);
            return;
        }

        // Torn before its first map was whole, or something else of that name.
        _stream.SetLength(0);
    }

    /// <remarks>
    /// The kernel may drop what it could not write, show it until then as if it were there, and say of the next sync that it went well. So after one that failed
    /// nothing here is believed any more: it comes again.
    /// </remarks>
    private void Sync()
    {
        try
        {
            _disk.SyncFile(_stream.SafeFileHandle);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _isDiskBroken = true;
            throw;
        }
    }

    private void WriteMap()
    {
        // A checksum shows what a power cut took. Where there is none the map must not be ahead of the disk.
        if (_file.Checksum is null)
        {
            Sync();
        }

        _mapped = _digest.Look(came =>
        {
            _map!.Write(came, Tag);
            return came.Total;
        });
    }
}
