using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Coffre.Protocol;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Settings;
using Coffre.Storage;
using Microsoft.Data.Sqlite;

namespace Coffre.Server.Ftp;

/// <summary>What all sessions share.</summary>
internal sealed record FtpKit(FtpLogin Login, DropDesk Desk, ServerSettings Settings, TimeProvider Clock, X509Certificate2? Certificate, ILogger Logger);

/// <summary>One client of the drop zone (RFC 959, 2228, 2389, 2428, 3659, 4217). It may drop files, make folders and see what waits; nothing can be fetched.</summary>
/// <remarks>Only passive data connections, and only from the address of the control connection: the server connects to nobody.</remarks>
internal sealed partial class FtpSession : IAsyncDisposable
{
    private const int MaxTries = 3;
    private static readonly string[] Features = ["AUTH TLS", "EPSV", "MLST type*;size*;modify*;", "PASV", "PBSZ", "PROT", "SIZE", "TVFS", "UTF8"];

    private readonly FtpKit _kit;
    private readonly Socket _socket;
    private readonly FtpControl _control;
    private readonly bool _requireTls;
    private readonly TimeSpan _idle;
    private string _user = "";
    private int _tries;
    private FtpGuest? _guest;
    private IReadOnlyList<string> _current = [];
    private PassivePort? _passive;
    private bool _protectsData;
    private long? _announced;

    public FtpSession(FtpKit kit, Socket socket)
    {
        (_kit, _socket) = (kit, socket);
        _requireTls = kit.Settings.Flag(FtpSettings.RequireTls);
        _idle = kit.Settings.Seconds(FtpSettings.IdleSeconds);
        _control = new FtpControl(new NetworkStream(socket, ownsSocket: true), kit.Clock, _idle);
    }

    private IPAddress Peer => Plain(((IPEndPoint)_socket.RemoteEndPoint!).Address);

    private IPAddress Local => Plain(((IPEndPoint)_socket.LocalEndPoint!).Address);

    /// <summary>Serves the client until it leaves.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await ReplyAsync(220, "Coffre: files can be dropped here.", cancellationToken);
        while (await _control.ReadLineAsync(cancellationToken) is { } line)
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var (command, argument) = space < 0 ? (line, "") : (line[..space], line[(space + 1)..]);
            if (!await DoAsync(command.ToUpperInvariant(), argument, cancellationToken))
            {
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _passive?.Dispose();
        await _control.DisposeAsync();
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private ValueTask ReplyAsync(int code, string text, CancellationToken cancellationToken) => _control.ReplyAsync(code, text, cancellationToken);

    /// <summary>False ends the session.</summary>
    private async ValueTask<bool> DoAsync(string command, string argument, CancellationToken cancellationToken)
    {
        switch (command)
        {
            case "QUIT":
                await ReplyAsync(221, "Good bye.", cancellationToken);
                return false;
            case "AUTH":
                return await ProtectAsync(argument, cancellationToken);
            case "PASS":
                return await SignInAsync(argument, cancellationToken);
            case "FEAT":
                await _control.ReplyAsync(211, "What this server can", Features, "End", cancellationToken);
                return true;
            case "REIN":
                await ReplyAsync(502, "Not here: connect anew.", cancellationToken);
                return true;
        }

        if (Simple(command, argument) is var (code, text))
        {
            await ReplyAsync(code, text, cancellationToken);
        }
        else if (_guest is null)
        {
            await ReplyAsync(530, "Sign in first: USER and PASS.", cancellationToken);
        }
        else if (!await _kit.Login.IsStillGoodAsync(_guest, cancellationToken))
        {
            // Suspended, deleted, or with another password since.
            _guest = null;
            await ReplyAsync(530, "Sign in again.", cancellationToken);
        }
        else
        {
            await DoAsync(_guest, command, argument, cancellationToken);
        }

        return true;
    }

    /// <summary>Commands that need nothing but their argument; null for the others.</summary>
    private (int Code, string Text)? Simple(string command, string argument)
    {
        switch (command)
        {
            case "NOOP":
                return (200, "Ok.");
            case "SYST":
                return (215, "UNIX Type: L8");
            case "HELP":
                return (214, "Drop files with STOR. Nothing can be fetched here.");
            case "OPTS":
                return argument.ToUpperInvariant() is "UTF8 ON" or "UTF8" ? (200, "Always UTF-8.") : (501, "There is no such option.");
            case "ABOR":
                return (226, "Nothing is under way.");
            case "USER":
                return Name(argument);
            case "PBSZ":
                return _control.IsProtected ? (200, "PBSZ=0") : (503, "AUTH TLS first.");
            case "PROT":
                return Protect(argument);
            case "TYPE":
                return argument.ToUpperInvariant() is "I" or "L 8" or "A" or "A N" ? (200, "Bytes are taken as they are.") : (504, "Only TYPE I.");
            case "MODE":
                return argument.Equals("S", StringComparison.OrdinalIgnoreCase) ? (200, "Ok.") : (504, "Only MODE S.");
            case "STRU":
                return argument.Equals("F", StringComparison.OrdinalIgnoreCase) ? (200, "Ok.") : (504, "Only STRU F.");
            case "ALLO":
                _announced = long.TryParse(argument.Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : null;
                return (200, "Noted.");
            case "REST":
                return argument == "0" ? (350, "From the beginning.") : (502, "A file begins at its beginning here: send it whole.");
            case "PORT" or "EPRT":
                return (502, "This server connects to nobody: use passive mode.");
            case "RETR" or "APPE" or "RNFR" or "RNTO" or "RMD" or "XRMD" or "STOU" or "SITE" or "MFMT" or "MDTM":
                return (502, "Files can be dropped here, and that is all.");
            default:
                return null;
        }
    }

    private async ValueTask DoAsync(FtpGuest guest, string command, string argument, CancellationToken cancellationToken)
    {
        switch (command)
        {
            case "PWD" or "XPWD":
                await ReplyAsync(257, FtpPath.Quoted(_current), cancellationToken);
                break;
            case "CWD" or "XCWD":
                await ChangeAsync(guest, argument, cancellationToken);
                break;
            case "CDUP" or "XCUP":
                await ChangeAsync(guest, "..", cancellationToken);
                break;
            case "MKD" or "XMKD":
                await MakeAsync(guest, argument, cancellationToken);
                break;
            case "EPSV" or "PASV":
                await ListenAsync(command, cancellationToken);
                break;
            case "LIST" or "NLST" or "MLSD":
                await ListAsync(guest, command, argument, cancellationToken);
                break;
            case "SIZE":
                await MeasureAsync(guest, argument, cancellationToken);
                break;
            case "DELE":
                await DeleteAsync(guest, argument, cancellationToken);
                break;
            case "STOR":
                await StoreAsync(guest, argument, cancellationToken);
                break;
            default:
                await ReplyAsync(500, "There is no such command.", cancellationToken);
                break;
        }
    }

    private async ValueTask<bool> ProtectAsync(string mechanism, CancellationToken cancellationToken)
    {
        if (_kit.Certificate is not { } certificate || mechanism.ToUpperInvariant() is not ("TLS" or "SSL" or "TLS-C" or "TLS-P") || _control.IsProtected)
        {
            await ReplyAsync(_control.IsProtected ? 503 : 504, _control.IsProtected ? "It is protected already." : "That cannot be had here.", cancellationToken);
            return true;
        }

        await ReplyAsync(234, "Go on with TLS.", cancellationToken);
        (_guest, _user) = (null, "");
        return await _control.ProtectAsync(certificate, cancellationToken);
    }

    private (int, string) Protect(string level)
    {
        if (!_control.IsProtected)
        {
            return (503, "AUTH TLS first.");
        }

        switch (level.ToUpperInvariant())
        {
            case "P":
                _protectsData = true;
                return (200, "Data is protected.");
            case "C" when !_requireTls:
                _protectsData = false;
                return (200, "Data is not protected.");
            default:
                return (534, "Only PROT P.");
        }
    }

    private (int, string) Name(string name)
    {
        if (_requireTls && !_control.IsProtected)
        {
            return (530, "Not without TLS: AUTH TLS first (an FTP client's explicit TLS, or FTPES).");
        }

        (_user, _guest) = (name, null);
        return (331, "And the password?");
    }

    private async ValueTask<bool> SignInAsync(string password, CancellationToken cancellationToken)
    {
        if (_user.Length == 0)
        {
            await ReplyAsync(503, "USER first.", cancellationToken);
            return true;
        }

        var opened = await _kit.Login.OpenAsync(_user, password, Peer, cancellationToken);
        if (!opened.IsFault)
        {
            (_guest, _current) = (opened.Value, []);
            LogSignedIn(_kit.Logger, opened.Value.AccountId, _control.IsProtected);
            await ReplyAsync(230, opened.Value.Waits ? "Welcome. Files wait until they are processed." : "Welcome.", cancellationToken);
            return true;
        }

        var isLast = ++_tries >= MaxTries || opened.Fault.Code == KoCode.TooManySignIns;
        await ReplyAsync(isLast ? 421 : 530, KoCatalogue.Get(opened.Fault.Code).Text + ".", cancellationToken);
        return !isLast;
    }

    private async ValueTask ChangeAsync(FtpGuest guest, string path, CancellationToken cancellationToken)
    {
        if (FtpPath.Resolve(_current, path) is { } names && await _kit.Desk.FindFolderAsync(guest, names, cancellationToken) is not null)
        {
            _current = names;
            await ReplyAsync(250, FtpPath.Quoted(names), cancellationToken);
            return;
        }

        await NoFolderAsync(cancellationToken);
    }

    private async ValueTask MakeAsync(FtpGuest guest, string path, CancellationToken cancellationToken)
    {
        if (FtpPath.Resolve(_current, path) is not { Count: > 0 } names)
        {
            await NoFolderAsync(cancellationToken);
        }
        else if (Names.Check(names[^1]) is { } trouble)
        {
            await ReplyAsync(553, trouble.Reason, cancellationToken);
        }
        else if (await _kit.Desk.MakeFolderAsync(guest, [.. names.SkipLast(1)], names[^1], cancellationToken) is null)
        {
            await NoFolderAsync(cancellationToken);
        }
        else
        {
            await ReplyAsync(257, FtpPath.Quoted(names), cancellationToken);
        }
    }

    private async ValueTask ListenAsync(string command, CancellationToken cancellationToken)
    {
        _passive?.Dispose();
        _passive = PassivePort.Open(Local, Peer, _kit.Settings.Text(FtpSettings.PassivePorts));
        if (_passive is null)
        {
            await ReplyAsync(425, "No port is free for data. Try again.", cancellationToken);
            return;
        }

        var port = _passive.Port;
        if (command == "EPSV")
        {
            await ReplyAsync(229, string.Create(CultureInfo.InvariantCulture, $"Extended passive mode (|||{port}|)"), cancellationToken);
            return;
        }

        var shown = _kit.Settings.Text(FtpSettings.PublicAddress) is { Length: > 0 } text ? IPAddress.Parse(text) : Local;
        if (shown.AddressFamily != AddressFamily.InterNetwork)
        {
            await ReplyAsync(425, "PASV is for IPv4: use EPSV.", cancellationToken);
            return;
        }

        var octets = string.Join(',', shown.GetAddressBytes());
        await ReplyAsync(227, string.Create(CultureInfo.InvariantCulture, $"Passive mode ({octets},{port / 256},{port % 256})"), cancellationToken);
    }

    private async ValueTask ListAsync(FtpGuest guest, string command, string argument, CancellationToken cancellationToken)
    {
        // Options of ls, which clients send out of habit.
        var path = argument.StartsWith('-') ? "" : argument;
        if (FtpPath.Resolve(_current, path) is not { } names || await _kit.Desk.FindFolderAsync(guest, names, cancellationToken) is not { } folderId)
        {
            await NoFolderAsync(cancellationToken);
            return;
        }

        var (folders, files) = await _kit.Desk.ListAsync(guest, folderId, cancellationToken);
        await using var data = await OpenDataAsync(cancellationToken);
        if (data is null)
        {
            return;
        }

        await data.WriteAsync(Encoding.UTF8.GetBytes(FtpListing.Write(command, folders, files)), cancellationToken);
        await EndAsync(data);
        await ReplyAsync(226, "That is all.", cancellationToken);
    }

    private async ValueTask MeasureAsync(FtpGuest guest, string path, CancellationToken cancellationToken)
    {
        var file = await FindWaitingAsync(guest, path, cancellationToken);
        await (file is null
            ? ReplyAsync(550, "No such file waits here.", cancellationToken)
            : ReplyAsync(213, file.Blob.Length.ToString(CultureInfo.InvariantCulture), cancellationToken));
    }

    private async ValueTask DeleteAsync(FtpGuest guest, string path, CancellationToken cancellationToken)
    {
        var removed = await FindWaitingAsync(guest, path, cancellationToken) is { } file
            && await _kit.Desk.RemoveAsync(guest, file.FolderId, file.Name, cancellationToken);
        await ReplyAsync(removed ? 250 : 550, removed ? "It is gone." : "No such file waits here.", cancellationToken);
    }

    private async ValueTask<WaitingFile?> FindWaitingAsync(FtpGuest guest, string path, CancellationToken cancellationToken)
    {
        if (FtpPath.Resolve(_current, path) is not { Count: > 0 } names
            || await _kit.Desk.FindFolderAsync(guest, [.. names.SkipLast(1)], cancellationToken) is not { } folderId)
        {
            return null;
        }

        var (_, files) = await _kit.Desk.ListAsync(guest, folderId, cancellationToken);
        return files.LastOrDefault(file => file.Name == names[^1]);
    }

    private async ValueTask StoreAsync(FtpGuest guest, string path, CancellationToken cancellationToken)
    {
        var announced = _announced;
        _announced = null;
        if (FtpPath.Resolve(_current, path) is not { Count: > 0 } names
            || await _kit.Desk.FindFolderAsync(guest, [.. names.SkipLast(1)], cancellationToken) is not { } folderId)
        {
            await NoFolderAsync(cancellationToken);
            return;
        }

        await using var data = await OpenDataAsync(cancellationToken);
        if (data is null)
        {
            return;
        }

        try
        {
            await using var patient = new PatientStream(data, _kit.Clock, _idle);
            var kept = await _kit.Desk.KeepAsync(guest, folderId, names[^1], announced, patient, IsThere, cancellationToken);
            await (kept.IsFault ? RefuseAsync(kept.Fault, cancellationToken) : ReplyAsync(226, kept.Value is null ? "Kept." : "Kept; it waits to be processed.", cancellationToken));
        }
        catch (Exception exception) when (exception is StorageException or SqliteException or CommitUnknownException)
        {
            LogBroken(_kit.Logger, exception);
            await ReplyAsync(FullDisk.IsCauseOf(exception) ? 452 : 451, "It could not be kept.", cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException or TimeoutException)
        {
            await ReplyAsync(426, "The data connection broke: nothing was kept.", cancellationToken);
        }
    }

    /// <summary>A control connection that can be read, and has nothing, has ended.</summary>
    private bool IsThere() => !(_socket.Poll(TimeSpan.Zero, SelectMode.SelectRead) && _socket.Available == 0);

    private ValueTask RefuseAsync(Fault fault, CancellationToken cancellationToken)
    {
        var code = fault.Code is KoCode.QuotaExceeded or KoCode.FileTooLarge or KoCode.DiskFull or KoCode.TooManyItems ? 552 : 550;
        var text = KoCatalogue.Get(fault.Code).Message(fault.Detail);
        return ReplyAsync(code, text, cancellationToken);
    }

    /// <summary>The data connection, protected if that was agreed; null after a reply that says why there is none.</summary>
    private async Task<Stream?> OpenDataAsync(CancellationToken cancellationToken)
    {
        if (_requireTls && !_protectsData)
        {
            await ReplyAsync(522, "Not without protection: PBSZ 0, then PROT P.", cancellationToken);
            return null;
        }

        if (_passive is not { } passive)
        {
            await ReplyAsync(425, "EPSV or PASV first.", cancellationToken);
            return null;
        }

        _passive = null;
        using (passive)
        {
            await ReplyAsync(150, "Ready.", cancellationToken);
            if (await passive.AcceptAsync(_kit.Clock, cancellationToken) is not { } socket)
            {
                await ReplyAsync(425, "No data connection came.", cancellationToken);
                return null;
            }

            var plain = new NetworkStream(socket, ownsSocket: true);
            if (!_protectsData)
            {
                return plain;
            }

            try
            {
                return await FtpControl.AuthenticateAsync(plain, _kit.Certificate!, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or AuthenticationException)
            {
                await plain.DisposeAsync();
                await ReplyAsync(522, "The data connection could not be protected.", cancellationToken);
                return null;
            }
        }
    }

    private static Task EndAsync(Stream data) => data is SslStream secure ? secure.ShutdownAsync() : Task.CompletedTask;

    private ValueTask NoFolderAsync(CancellationToken cancellationToken) => ReplyAsync(550, "There is no such folder.", cancellationToken);

    [LoggerMessage(LogLevel.Information, "FTP: account {AccountId} signed in, protected {IsProtected}")]
    private static partial void LogSignedIn(ILogger logger, long accountId, bool isProtected);

    [LoggerMessage(LogLevel.Error, "FTP: a file could not be kept")]
    private static partial void LogBroken(ILogger logger, Exception exception);
}
