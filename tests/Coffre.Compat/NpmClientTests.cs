using System.Text.Json;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>The npm client <c>1fichier-api</c>. Its address is fixed and Node's fetch knows no proxy, so it runs where 1fichier's names lead to this machine.</summary>
public sealed class NpmClientTests
{
    // In a network and a mount namespace of its own: nothing outside can be reached. The client prints what it sends, the key too: only the last line counts.
    private const string Script =
        """
        ip link set lo up
        mount --bind "$PWD/hosts" /etc/hosts
        dotnet "$SERVER" certificate --out pki --name 1fichier.com --name '*.1fichier.com' > /dev/null
        dotnet "$SERVER" serve --data data --https-port 443 --certificate pki/server.pem --certificate-key pki/server.key --public https://1fichier.com > started &
        trap 'kill $!; wait $!' EXIT
        for _ in $(seq 600); do ! grep -q Ctrl-C started || break; sleep 0.1; done
        KEY=$(grep -o 'cof_[A-Za-z0-9]*' started | sed -n 1p)
        call() { curl -sS --cacert pki/ca.pem -H "Authorization: Bearer $KEY" "$@"; }
        id=$(call -H 'Content-Type: application/json' https://api.1fichier.com/v1/upload/get_upload_server.cgi | grep -o '"id":"[^"]*' | cut -d'"' -f4)
        printf 'for the npm client' > note.txt
        call -F 'file[]=@note.txt' "https://1fichier.com/upload.cgi?id=$id" > /dev/null
        LINK=$(call -H 'JSON: 1' "https://1fichier.com/end.pl?xid=$id" | grep -o '"download":"[^"]*' | cut -d'"' -f4)
        FOLDER=$(call -H 'Content-Type: application/json' -d '{"name":"imported"}' https://api.1fichier.com/v1/folder/mkdir.cgi | grep -o '"folder_id":[0-9]*' | cut -d: -f2)
        export KEY LINK FOLDER NODE_EXTRA_CA_CERTS="$PWD/pki/ca.pem"
        node client.js | tail -n 1
        """;

    private const string Client =
        """
        const { default: Client } = require(process.env.MODULE);
        const fetch = require(require.resolve('node-fetch', { paths: [process.env.MODULE] })).default;
        (async () => {
          const client = new Client(process.env.KEY);
          const said = {};
          said.edited = await client.editFile({ urls: [process.env.LINK], description: 'edited by npm', pass: 'open sesame', acl: { premium: 1 }, inline: 1 });
          said.copied = await client.copyFile({ urls: [process.env.LINK], folder_id: process.env.FOLDER, rename: 'copy.txt', pass: 'open sesame' });
          said.token = await client.downloadFile({ url: process.env.LINK, pass: 'open sesame', inline: 0, cdn: 0, restrict_ip: 0, single: 1, no_ssl: 0 });
          said.bytes = await (await fetch(said.token.url)).text();
          try { await client.downloadFile({ url: 'https://1fichier.com/?aaaaaaaaaaaaaaaaaaaa' }); }
          catch (refusal) { said.refused = { statusCode: refusal.statusCode, message: refusal.message }; }
          try { await new Client('nonsense').downloadFile({ url: process.env.LINK }); }
          catch (refusal) { said.unknown = refusal.statusCode; }
          console.log(JSON.stringify(said));
        })();
        """;

    [Fact]
    public async Task All_three_of_its_calls_work_and_its_refusals_are_understood()
    {
        var module = Repository.Artifact("tools", "npm", "node_modules", "1fichier-api");
        Assert.SkipUnless(Directory.Exists(module), "The npm package 1fichier-api could not be had.");
        var may = await Tool.RunAsync("unshare", ["--map-root-user", "--mount", "--net", "true"]);
        Assert.SkipWhen(may.ExitCode != 0, "This machine allows no namespaces: " + may.Errors.Trim());
        using var folder = new TempFolder();
        folder.Write("hosts", "127.0.0.1 localhost api.1fichier.com 1fichier.com\n");
        folder.Write("client.js", Client);

        var said = (await Tool.RunAsync(
            "unshare",
            ["--map-root-user", "--mount", "--net", "bash", "-euo", "pipefail", "-c", Script],
            environment: new Dictionary<string, string>
            {
                ["SERVER"] = Path.GetFullPath(Repository.ServerDll), ["MODULE"] = module, ["HOME"] = folder.Path,
            },
            folder: folder.Path)).Ok();

        var answers = JsonDocument.Parse(said.Output).RootElement;
        Assert.Equal("OK", answers.GetProperty("edited").GetProperty("status").GetString());
        Assert.Equal(1, answers.GetProperty("edited").GetProperty("updated").GetInt32());
        Assert.Equal(1, answers.GetProperty("copied").GetProperty("copied").GetInt32());
        Assert.Equal("copy.txt", answers.GetProperty("copied").GetProperty("filename").GetString());
        Assert.Equal("for the npm client", answers.GetProperty("bytes").GetString());
        Assert.Equal(404, answers.GetProperty("refused").GetProperty("statusCode").GetInt32());
        Assert.Equal(401, answers.GetProperty("unknown").GetInt32());
    }
}
