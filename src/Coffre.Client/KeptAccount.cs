using System.Text.Json;
using System.Text.Json.Serialization;
using Coffre.Protocol.V1;

namespace Coffre.Client;

/// <summary>The last answer on an account, in the state folder: a service that answers once in five minutes need not be waited for.</summary>
internal sealed record KeptAccount(DateTimeOffset AskedAt, JsonElement Answer)
{
    public static KeptAccount? Read(string? folder, string identity)
    {
        if (folder is null)
        {
            return null;
        }

        try
        {
            using var file = new FileStream(PathOf(folder, identity), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return JsonSerializer.Deserialize(file, KeptAccountJson.Default.KeptAccount);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    public static void Write(string? folder, string identity, DateTimeOffset asked, UserInfoAnswer answer)
    {
        if (folder is null)
        {
            return;
        }

        try
        {
            Client.StateFolder.Make(folder);
            var path = PathOf(folder, identity);
            using (var file = new FileStream(path + ".new", Client.StateFolder.Options(FileMode.Create, FileShare.None)))
            {
                JsonSerializer.Serialize(file, new KeptAccount(asked, JsonSerializer.SerializeToElement(answer, V1Json.Default.UserInfoAnswer)), KeptAccountJson.Default.KeptAccount);
            }

            File.Move(path + ".new", path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Then it is asked for the next time.
        }
    }

    public AccountInfo? ToInfo()
    {
        try
        {
            return Answer.Deserialize(V1Json.Default.UserInfoAnswer) is { } answer ? AccountInfo.From(answer) with { AskedAt = AskedAt } : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string PathOf(string folder, string identity) => Path.Combine(folder, $"account-{identity}.json");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(KeptAccount))]
internal sealed partial class KeptAccountJson : JsonSerializerContext;
