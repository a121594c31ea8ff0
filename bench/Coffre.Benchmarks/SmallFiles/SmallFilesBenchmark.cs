using System.Globalization;
using System.Text;
using System.Text.Json;
using Coffre.Benchmarks.Peers;
using Coffre.Protocol.V1;

namespace Coffre.Benchmarks.SmallFiles;

/// <summary>Files of 4 KiB over 32 keep-alive connections: ours durable, with checksum, key and catalog row; nginx's WebDAV PUT without.</summary>
/// <remarks>Fresh folders for each turn, spread, and nothing is deleted before the end: ext4 gets slow at creating after mass deletions.</remarks>
internal static class SmallFilesBenchmark
{
    private const int Rounds = 5;
    private const int Files = 2000;

    // In the first ten thousand uploads half of the server's processor time is the just-in-time compiler's.
    private const int WarmUp = 4;
    private const int FileLength = 4096;
    private const int Connections = 32;
    private const int Folders = 256;
    private const int FilesPerForm = 100;
    private const double Goal = 1.0;
    private const string Boundary = "----coffre-bench-7f3a9c";
    private const string Unit = "files";

    private static readonly byte[] Content = RandomBytes();
    private static int _turn;

    public static void Run()
    {
        using var shop = new Workshop();
        using var nginx = new Nginx(shop);
        using var own = new CoffreServer(shop.Folder("coffre"));
        List<Duel?> held =
        [
            Duel.Hold("4 KiB, on an open upload id", Unit, Goal, Rounds, () => Put(nginx), () => Post(own), WarmUp),
            Duel.Hold("4 KiB, upload id asked for as well", Unit, Goal, Rounds, () => Put(nginx), () => AskAndPost(own), WarmUp),
            Duel.Hold($"4 KiB, {FilesPerForm} files a form", Unit, Goal, Rounds, () => Put(nginx), () => PostForms(own), WarmUp),
        ];
        var text = Describe([.. held.OfType<Duel>()]);
        Machine.WriteResult("small-files", text);
    }

    private static Turn Put(Nginx nginx)
    {
        var turn = Interlocked.Increment(ref _turn).ToString(CultureInfo.InvariantCulture);
        for (var folder = 0; folder < Folders; folder++)
        {
            Directory.CreateDirectory(Path.Combine(nginx.Root, "up", turn, folder.ToString("x2", CultureInfo.InvariantCulture)));
        }

        Child.Run("sync");
        var (seconds, cpu) = new Pusher(nginx.Port, Connections).Run(
            Files,
            number => [.. Head(string.Create(CultureInfo.InvariantCulture, $"PUT /up/{turn}/{number % Folders:x2}/{number} HTTP/1.1"), FileLength, null), .. Content],
            201, () => nginx.Cpu);
        return new Turn(Files / seconds, cpu / Files);
    }

    private static Turn Post(CoffreServer own)
    {
        var (ids, _, _) = Ask(own, Files);
        Child.Run("sync");
        var (seconds, cpu) = Send(own, ids, 1);
        return new Turn(Files / seconds, cpu / Files);
    }

    private static Turn AskAndPost(CoffreServer own)
    {
        Child.Run("sync");
        var (ids, seconds, cpu) = Ask(own, Files);
        var sent = Send(own, ids, 1);
        return new Turn(Files / (seconds + sent.Seconds), (cpu + sent.Cpu) / Files);
    }

    private static Turn PostForms(CoffreServer own)
    {
        Child.Run("sync");
        var (ids, seconds, cpu) = Ask(own, Files / FilesPerForm);
        var sent = Send(own, ids, FilesPerForm);
        return new Turn(Files / (seconds + sent.Seconds), (cpu + sent.Cpu) / Files);
    }

    private static (string[] Ids, double Seconds, double Cpu) Ask(CoffreServer own, int count)
    {
        var answers = new string[count];
        var (seconds, cpu) = new Pusher(own.Port, Connections).Run(
            count, _ => [.. Head($"POST {V1Paths.UploadServer} HTTP/1.1", 2, own.Key, "application/json"), .. "{}"u8], 200, () => own.Cpu, answers);
        return ([.. answers.Select(static answer => JsonElement.Parse(answer).GetProperty("id").GetString()!)], seconds, cpu);
    }

    private static (double Seconds, double Cpu) Send(CoffreServer own, string[] ids, int files)
    {
        var turn = Interlocked.Increment(ref _turn);
        return new Pusher(own.Port, Connections).Run(
            ids.Length,
            number =>
            {
                var form = Form(turn, number, files);
                return [.. Head($"POST {V1Paths.Upload}?id={ids[number]} HTTP/1.1", form.Length, own.Key, $"multipart/form-data; boundary={Boundary}"), .. form];
            },
            302, () => own.Cpu);
    }

    private static byte[] Form(int turn, int number, int files)
    {
        using var form = new MemoryStream();
        for (var file = 0; file < files; file++)
        {
            form.Write(Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"--{Boundary}\r\nContent-Disposition: form-data; name=\"file[]\"; filename=\"{turn}-{number}-{file}.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n")));
            form.Write(Content);
            form.Write("\r\n"u8);
        }

        form.Write(Encoding.ASCII.GetBytes($"--{Boundary}--\r\n"));
        return form.ToArray();
    }

    private static byte[] Head(string line, int length, string? key, string? type = null) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{line}\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n{(key is null ? "" : $"Authorization: Bearer {key}\r\n")}{(type is null ? "" : $"Content-Type: {type}\r\n")}\r\n"));

    private static byte[] RandomBytes()
    {
        var bytes = new byte[FileLength];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private static string Describe(List<Duel> duels)
    {
        var text = new StringBuilder("# Small files, plain HTTP on loopback\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{Machine.Description}. Medians of {Rounds} alternating turns of {Files} files of 4 KiB over {Connections} keep-alive\n");
        text.Append("connections, `sync` before each; load and server share the processors, and the machine had other work beside. Ours: form,\n");
        text.Append("key, Whirlpool, bytes on the device, catalog row on the device. nginx: WebDAV PUT into fresh folders spread over 256, nothing\n");
        text.Append("synced. Written by `bench/run small-files`.\n\n");
        text.Append(Duel.Header("nginx"));
        duels.ForEach(duel => text.AppendLine(duel.ToRow()));
        if (duels.Count < 3)
        {
            return text.ToString();
        }

        text.Append(CultureInfo.InvariantCulture, $"\nA durable upload of a small file has {duels[0].Ratio:F2} of the speed of nginx's PUT, which is not durable (goal {Goal:F1}: {(duels[0].IsMet ? "met" : "missed")});\n");
        text.Append(CultureInfo.InvariantCulture, $"with the call that asks for its upload id {duels[1].Ratio:F2}, and in forms of {FilesPerForm} files {duels[2].Ratio:F2}.\n");
        return text.ToString();
    }
}
