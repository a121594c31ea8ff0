using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>The way that docs/clients.md tells: 1fichier's names in the hosts file, the server on port 443, no proxy.</summary>
public sealed class RcloneHostsTests
{
    // In a network and a mount namespace of its own: the machine's hosts file and ports are not touched, and nothing outside can be reached.
    private const string Script =
        """
        ip link set lo up
        mount --bind "$PWD/hosts" /etc/hosts
        dotnet "$SERVER" certificate --out pki --name 1fichier.com --name '*.1fichier.com' > /dev/null
        dotnet "$SERVER" serve --data data --https-port 443 --certificate pki/server.pem --certificate-key pki/server.key --public https://1fichier.com > started &
        trap 'kill $!; wait $!' EXIT
        for _ in $(seq 600); do ! grep -q Ctrl-C started || break; sleep 0.1; done
        export RCLONE_CONFIG=/dev/null RCLONE_CONFIG_HOME_TYPE=fichier
        RCLONE_CONFIG_HOME_API_KEY=$(grep -o 'cof_[A-Za-z0-9]*' started | sed -n 1p)
        export RCLONE_CONFIG_HOME_API_KEY
        echo 'through the names' > note.txt
        rclone --ca-cert pki/ca.pem copyto note.txt home:notes/note.txt
        rclone --ca-cert pki/ca.pem cat home:notes/note.txt
        """;

    [Fact]
    public async Task Rclone_finds_the_server_behind_the_names_of_1fichier()
    {
        using var folder = new TempFolder();
        folder.Write("hosts", "127.0.0.1 localhost api.1fichier.com 1fichier.com\n");
        var may = await Tool.RunAsync("unshare", ["--map-root-user", "--mount", "--net", "true"]);
        Assert.SkipWhen(may.ExitCode != 0, "This machine allows no namespaces: " + may.Errors.Trim());

        var said = (await Tool.RunAsync(
            "unshare",
            ["--map-root-user", "--mount", "--net", "bash", "-euo", "pipefail", "-c", Script],
            environment: new Dictionary<string, string> { ["SERVER"] = Path.GetFullPath(Repository.ServerDll), ["HOME"] = folder.Path },
            folder: folder.Path)).Ok();

        Assert.Equal("through the names\n", said.Output);
    }
}
