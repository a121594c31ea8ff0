using System.Text.Json;
using Coffre.Protocol;
using Coffre.Protocol.V1;

namespace Coffre.Client.Testing;

/// <summary>1fichier.com's published limits: three calls a second, one folder once in 30 s; whoever breaks them is locked for as long.</summary>
internal sealed class FakeLimits(TimeProvider clock)
{
    public const string Policy = "\"calls\";q=3;w=1";
    private const int CallsEachSecond = 3;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FolderRest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LockTime = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Queue<DateTimeOffset> _calls = new();
    private readonly Dictionary<string, DateTimeOffset> _listed = new(StringComparer.Ordinal);
    private DateTimeOffset _lockedUntil;

    /// <summary>The refusal of a call that comes too soon; null if it may pass.</summary>
    public HttpResponseMessage? Judge(FakeRequest request)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            while (_calls.TryPeek(out var first) && first <= now - Window)
            {
                _calls.Dequeue();
            }

            _calls.Enqueue(now);
            var isTooSoon = _calls.Count > CallsEachSecond || IsListedTooSoon(request, now);
            if (!isTooSoon && now >= _lockedUntil)
            {
                return null;
            }

            _lockedUntil = now + LockTime;
            return FakeCoffre.Refusal(KoCode.FloodIp, LockTime);
        }
    }

    private bool IsListedTooSoon(FakeRequest request, DateTimeOffset now)
    {
        if (request.Path is not (V1Paths.FolderLs or V1Paths.FileLs))
        {
            return false;
        }

        using var body = JsonDocument.Parse(request.Body);
        var folder = request.Path + (body.RootElement.TryGetProperty("folder_id", out var id) ? id.ToString() : "");
        var isTooSoon = _listed.TryGetValue(folder, out var last) && now < last + FolderRest;
        _listed[folder] = now;
        return isTooSoon;
    }
}
