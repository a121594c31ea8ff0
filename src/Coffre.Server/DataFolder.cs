using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Keys;
using Coffre.Server.Settings;
using Coffre.Storage;
using Coffre.Storage.Local;

namespace Coffre.Server;

/// <summary>The folder that holds everything: catalog, store and secrets. One server at a time.</summary>
/// <remarks>
/// <code>
/// DATA/catalog.db          the catalog (SQLite, WAL)
/// DATA/store/              the bytes
/// DATA/secrets/            pepper of the key digests, secrets of the download tokens and of the audit log's chain, key of the apps' secrets
/// DATA/lock                held by the server that runs
/// DATA/coffre-server.json  settings, if the operator writes some
/// </code>
/// </remarks>
internal sealed class DataFolder : IAsyncDisposable
{
    private readonly FileStream? _lock;

    private DataFolder(CatalogStore catalog, IBlobStore store, ServerSettings settings, FileStream? fileLock)
    {
        _lock = fileLock;
        Catalog = catalog;
        Store = store;
        Pepper = SecretFile.ReadOrMake(settings.SecretFolder, SecretFile.Pepper);
        TokenSecret = SecretFile.ReadOrMake(settings.SecretFolder, SecretFile.DownloadTokens);
        AuditSecret = new AuditSecret(SecretFile.ReadOrMake(settings.SecretFolder, SecretFile.Audit));
        TwoStepKey = SecretFile.ReadOrMake(settings.SecretFolder, SecretFile.TwoStep);
        ViewAgainKey = new ViewAgainKey(SecretFile.ReadOrMake(settings.SecretFolder, SecretFile.ViewAgain));
    }

    public CatalogStore Catalog { get; }

    public IBlobStore Store { get; }

    public byte[] Pepper { get; }

    public byte[] TokenSecret { get; }

    public AuditSecret AuditSecret { get; }

    /// <summary>Seals the secrets of authenticator apps.</summary>
    public byte[] TwoStepKey { get; }

    public ViewAgainKey ViewAgainKey { get; }

    /// <summary>Whether this process is the one that may serve and sweep.</summary>
    public bool IsLocked => _lock is not null;

    /// <summary>Opens the folder, makes it if there is none.</summary>
    /// <param name="settings">Where it is.</param>
    /// <param name="clock">For dates in the catalog.</param>
    /// <param name="mustLock">True for the server; commands beside a running server take what they get.</param>
    /// <exception cref="DataFolderException">It cannot be written, or another server uses it.</exception>
    public static DataFolder Open(ServerSettings settings, TimeProvider clock, bool mustLock)
    {
        try
        {
            SecretFile.CreatePrivateFolder(settings.DataFolder);
            var fileLock = TryLock(Path.Combine(settings.DataFolder, "lock"));
            if (fileLock is null && mustLock)
            {
                throw new DataFolderException($"Another coffre-server uses the data folder '{settings.DataFolder}'. Stop it, or choose another folder with --data.");
            }

            var durability = Enum.Parse<Durability>(settings.Text(SettingList.Durability), ignoreCase: true);
            var options = new DiskBlobStoreOptions
            {
                Root = settings.BlobFolder,
                Durability = durability,
                SmallBlobLimit = (int)settings.Bytes(SettingList.SmallBlobs),
                IsExclusive = fileLock is not null,
            };
            var store = DiskBlobStore.Open(options, clock);
            return new DataFolder(CatalogStore.Open(settings.CatalogPath, clock), store, settings, fileLock);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException or StorageException or CatalogException)
        {
            throw new DataFolderException(
                $"The data folder '{settings.DataFolder}' cannot be used: {exception.Message} Choose another with --data, or give this user the right to write there.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Catalog.DisposeAsync();
        (Store as IDisposable)?.Dispose();
        if (_lock is not null)
        {
            await _lock.DisposeAsync();
        }
    }

    private static FileStream? TryLock(string path)
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            return new FileStream(path, options);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }
}

/// <summary>The data folder cannot be used; the message names the cure.</summary>
internal sealed class DataFolderException(string message) : Exception(message);
