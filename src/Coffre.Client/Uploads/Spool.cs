namespace Coffre.Client.Uploads;

/// <summary>Keeps a stream of unknown length in a temporary file, for a service that wants the length first.</summary>
internal sealed class Spool : IDisposable
{
    private readonly string _path;

    private Spool(string path, UploadSource source)
    {
        _path = path;
        Source = source;
    }

    /// <summary>The same bytes with a length, to be read as often as needed.</summary>
    public UploadSource Source { get; }

    public static async Task<Spool> FillAsync(UploadSource source, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Path.GetTempPath(), "coffre-" + Path.GetRandomFileName());
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            var from = source.Open();
            await using (from.ConfigureAwait(false))
            {
                var to = new FileStream(path, options);
                await using (to.ConfigureAwait(false))
                {
                    await from.CopyToAsync(to, cancellationToken).ConfigureAwait(false);
                    return new Spool(path, UploadSource.FromSpool(path, source.Name, to.Length));
                }
            }
        }
        catch (Exception exception)
        {
            File.Delete(path);
            throw exception is IOException or UnauthorizedAccessException
                ? new CoffreException(CoffreError.LocalFile, $"{source.Name} could not be kept in a temporary file: {exception.Message}", exception)
                : System.Runtime.ExceptionServices.ExceptionDispatchInfo.SetCurrentStackTrace(exception);
        }
    }

    public void Dispose() => File.Delete(_path);
}
