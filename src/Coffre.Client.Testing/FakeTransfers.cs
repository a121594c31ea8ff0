using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Coffre.Protocol;
using Coffre.Protocol.V1;

namespace Coffre.Client.Testing;

/// <summary>Uploads and downloads: what goes by other ways than JSON calls.</summary>
internal sealed class FakeTransfers(FakeAccount account, Uri address)
{
    public const string DownloadPath = "/p1";
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int IdLength = 10;

    private readonly ConcurrentDictionary<string, FakeFile[]?> _uploads = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _addresses = new(StringComparer.Ordinal);

    public bool ServesRanges { get; set; } = true;

    /// <summary>What answers requests that need no key, or show it otherwise; null for the rest.</summary>
    public Func<FakeRequest, HttpResponseMessage>? Find(FakeRequest request) => request.Path switch
    {
        V1Paths.Upload => Take,
        V1Paths.UploadEnd => Report,
        DownloadPath => one => Serve(one, long.MaxValue),
        _ => null,
    };

    /// <summary>The two calls that begin a transfer; null for every other.</summary>
    public HttpResponseMessage? OpenUpload(FakeRequest request)
    {
        switch (request.Path)
        {
            case V1Paths.UploadServer:
                var id = RandomNumberGenerator.GetString(Letters, IdLength);
                _uploads[id] = null;
                return FakeCalls.Write(new UploadServerAnswer { Url = address.Authority, Id = id }, V1Json.Default.UploadServerAnswer);
            case V1Paths.DownloadToken:
                return Issue(JsonSerializer.Deserialize(request.Body, V1Json.Default.DownloadTokenRequest)!);
            default:
                return null;
        }
    }

    public void ExpireAddresses() => _addresses.Clear();

    /// <summary>The bytes that were asked for; after some of them the connection breaks.</summary>
    public HttpResponseMessage Serve(FakeRequest request, long cutAfter)
    {
        if (!_addresses.TryGetValue(QueryOf(request), out var link) || account.FindLink(link) is not { } file)
        {
            return FakeCoffre.Refusal(KoCode.TokenExpired);
        }

        var range = ServesRanges ? request.Request.Headers.Range?.Ranges.SingleOrDefault() : null;
        var tag = new EntityTagHeaderValue($"\"{file.Checksum[..40]}\"");
        if (request.Request.Headers.IfRange is { } condition && !tag.Equals(condition.EntityTag))
        {
            range = null;
        }

        var (from, to) = (range?.From ?? 0, Math.Min(range?.To ?? long.MaxValue, file.Content.Length - 1));
        if (range is not null && from >= file.Content.Length)
        {
            var past = new HttpResponseMessage(HttpStatusCode.RequestedRangeNotSatisfiable) { Content = new ByteArrayContent([]) };
            past.Content.Headers.ContentRange = new ContentRangeHeaderValue(file.Content.Length);
            return past;
        }

        var body = file.Content[(int)from..(int)(to + 1)];
        var answer = new HttpResponseMessage(range is null ? HttpStatusCode.OK : HttpStatusCode.PartialContent)
        {
            Content = new StreamContent(new FakeBody(body, cutAfter)),
        };
        answer.Content.Headers.ContentLength = body.Length;
        answer.Content.Headers.ContentRange = range is null ? null : new ContentRangeHeaderValue(from, to, file.Content.Length);
        answer.Content.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = "file" };
        answer.Headers.ETag = tag;
        return answer;
    }

    private HttpResponseMessage Issue(DownloadTokenRequest wish)
    {
        if (account.FindLink(wish.Url) is not { } file)
        {
            return FakeCoffre.Refusal(KoCode.NotFound);
        }

        if (file.Password is { } password && !string.Equals(password, wish.Pass, StringComparison.Ordinal))
        {
            return FakeCoffre.Refusal(string.IsNullOrEmpty(wish.Pass) ? KoCode.PasswordMissing : KoCode.PasswordWrong);
        }

        var token = RandomNumberGenerator.GetHexString(16, lowercase: true);
        _addresses[token] = file.Link;
        return FakeCalls.Write(new DownloadTokenAnswer { Status = V1Answer.Ok, Url = $"{address}{DownloadPath[1..]}?{token}" }, V1Json.Default.DownloadTokenAnswer);
    }

    private HttpResponseMessage Take(FakeRequest request)
    {
        var id = QueryOf(request).Replace("id=", "", StringComparison.Ordinal);
        if (!_uploads.TryGetValue(id, out var earlier) || earlier is not null)
        {
            return FakeCoffre.Refusal(earlier is null ? KoCode.NoSuchUpload : KoCode.UploadFinished);
        }

        var form = FakeForm.Parse(request);
        var folder = long.TryParse(form.Field("did"), NumberStyles.None, CultureInfo.InvariantCulture, out var did) ? did : 0;
        var used = account.Files.Sum(file => (long)file.Content.Length);
        if (!account.HasFolder(folder) || used + form.Files.Sum(file => (long)file.Content.Length) > (account.Quota ?? long.MaxValue))
        {
            return FakeCoffre.Refusal(account.HasFolder(folder) ? KoCode.QuotaExceeded : KoCode.NoSuchFolder);
        }

        _uploads[id] = [.. form.Files.Select(file => account.AddFile(folder, file.Name, file.Content, form.Field("dpass")))];
        return FakeCoffre.Redirect($"{V1Paths.UploadEnd}?xid={id}");
    }

    private HttpResponseMessage Report(FakeRequest request)
    {
        var id = QueryOf(request).Replace("xid=", "", StringComparison.Ordinal);
        return _uploads.GetValueOrDefault(id) is not { } files
            ? FakeCoffre.Refusal(KoCode.NoSuchUpload)
            : FakeCalls.Write(
                new UploadReport
                {
                    Links = [.. files.Select(file => new UploadedLink
                    {
                        Download = file.Link,
                        FileName = file.Name,
                        Size = file.Content.Length.ToString(CultureInfo.InvariantCulture),
                        Whirlpool = file.Checksum,
                    })],
                },
                V1Json.Default.UploadReport);
    }

    private static string QueryOf(FakeRequest request) => request.Uri.Query.TrimStart('?');
}
