using System.ComponentModel;
using System.Diagnostics;

namespace Coffre.Cli.Keyrings;

/// <summary>The Secret Service of Linux desktops (GNOME Keyring, KWallet, KeePassXC), through the program <c>secret-tool</c>.</summary>
/// <remarks>The secret travels on the program's standard input and output: arguments can be read by every user of the machine.</remarks>
internal sealed class SecretService(string program = "secret-tool") : IKeyring
{
    private const string Instead = "set COFFRE_API_KEY_FILE";

    public string Name => "The keyring (Secret Service)";

    public string? Find(KeyringItem item, CancellationToken cancellationToken)
    {
        var (exitCode, output, error) = Run(["lookup", .. Attributes(item)], secret: null, cancellationToken);

        // It says nothing at all of what is not there.
        return exitCode == 0 ? Whole(output) : error.Length == 0 ? null : throw Trouble(error);
    }

    public void Store(KeyringItem item, string secret, CancellationToken cancellationToken)
    {
        var (exitCode, _, error) = Run(["store", $"--label=coffre: {item.Account} at {item.Service}", .. Attributes(item)], secret, cancellationToken);
        if (exitCode != 0)
        {
            throw Trouble(error);
        }
    }

    public bool Delete(KeyringItem item, CancellationToken cancellationToken)
    {
        // Some versions end well, others not, where there is nothing to remove.
        if (Find(item, cancellationToken) is null)
        {
            return false;
        }

        var (exitCode, _, error) = Run(["clear", .. Attributes(item)], secret: null, cancellationToken);
        return exitCode == 0 ? true : throw Trouble(error);
    }

    private static string[] Attributes(KeyringItem item) => ["application", "coffre", "service", item.Service, "account", item.Account];

    private (int ExitCode, string Output, string Error) Run(string[] arguments, string? secret, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Start(start);
        using var killing = cancellationToken.Register(() => Kill(process));
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            process.StandardInput.Write(secret);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it read: its exit code tells why.
        }

        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult().Trim());
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw new KeyringException(
                "There is no keyring to be had here: the program secret-tool is missing.",
                $"install it (Debian: apt-get install libsecret-tools gnome-keyring), or {Instead}");
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // It has just ended.
        }
    }

    // What was stored ends in no line end; a version that prints one adds it.
    private static string? Whole(string output) => output.TrimEnd('\r', '\n') is { Length: > 0 } secret ? secret : null;

    private static KeyringException Trouble(string error)
    {
        var said = error.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0) ?? "no reason was given";
        return new KeyringException($"No keyring can be used here: {said.TrimEnd('.')}.", $"log in to a desktop session, start gnome-keyring-daemon, or {Instead}");
    }
}
