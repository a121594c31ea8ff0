using System.Globalization;
using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Remote;

/// <summary>One batch under work: sends its URLs, follows them, and keeps on disk where it stands.</summary>
internal sealed class RemoteRun(Run run, Account account, RemoteBook book, RemoteBatch batch, IReadOnlyDictionary<string, string> headers)
{
    // Where progress is told for whole requests only, small ones tell more of it.
    private const int UrlsPerDearCall = 20;

    private readonly RemoteItem[] _items = [.. batch.Items];

    public IReadOnlyList<RemoteItem> Items => _items;

    /// <summary>Requests that have not ended, as far as is known here.</summary>
    public IReadOnlyList<long> OpenRequests => [.. _items.Where(item => item is { State: RemoteItem.Requested, RequestId: not null }).Select(item => item.RequestId!.Value).Distinct()];

    private bool MayAskAgain => !batch.IsForeign && (headers.Count > 0 || !batch.HasHeaders);

    /// <summary>Asks the service for URLs. One that it refuses fails alone.</summary>
    /// <param name="wanted">Places of the items, and their URLs in full.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CoffreException">The service takes nothing now; what it took before is kept.</exception>
    public async Task SendAsync(IReadOnlyList<(int At, string Url)> wanted, CancellationToken cancellationToken)
    {
        foreach (var chunk in wanted.Chunk(account.Client.CallsAreDear ? UrlsPerDearCall : CoffreClient.MostRemoteUrls))
        {
            await SendOneAsync(chunk, cancellationToken);
        }
    }

    /// <summary>Takes in what the service says of one request. Items that failed for a passing reason are asked for again.</summary>
    /// <returns>Whether anything changed.</returns>
    public async Task<bool> SettleAsync(RemoteUpload found, CancellationToken cancellationToken)
    {
        if (found.FinishedAt is null)
        {
            return false;
        }

        foreach (var secret in found.Items.SelectMany(item => SourceUrl.SecretsIn(item.Url)))
        {
            run.Hide(secret);
        }

        List<(int, string)> again = [];
        for (var at = 0; at < _items.Length; at++)
        {
            if (_items[at] is { State: RemoteItem.Requested } item && item.RequestId == found.Id)
            {
                var ended = item.Position < found.Items.Count ? found.Items[item.Position] : null;
                if (ended is { State: RemoteUploadState.Done, Link: { } link })
                {
                    _items[at] = await NameAsync(item with { State = RemoteItem.Done, Link = link, Message = Said(ended.Message, ended.Url) }, cancellationToken);
                }
                else if (ended is not null && RemoteVerdict.MayPass(ended.Message) && item.Tries <= run.Retries && MayAskAgain)
                {
                    run.Report.Note($"{item.Url}: {Said(ended.Message, ended.Url)}. Asking for it again.");
                    again.Add((at, ended.Url));
                }
                else
                {
                    _items[at] = item with { State = RemoteItem.Failed, Message = ended is null ? "The service does not say what became of it." : Said(ended.Message, ended.Url) };
                }
            }
        }

        Keep();
        account.Index.Doubt(batch.FolderId);
        await SendAsync(again, cancellationToken);
        return true;
    }

    /// <summary>The service no longer knows the request.</summary>
    public void Lose(long requestId)
    {
        for (var at = 0; at < _items.Length; at++)
        {
            if (_items[at] is { State: RemoteItem.Requested } item && item.RequestId == requestId)
            {
                _items[at] = item with { State = RemoteItem.Failed, Message = "The service no longer knows this request." };
            }
        }

        Keep();
    }

    /// <summary>URLs that a run planned and that no answer tells of: their full text is nowhere.</summary>
    public void DropPlanned()
    {
        for (var at = 0; at < _items.Length; at++)
        {
            if (_items[at] is { State: RemoteItem.Planned } item)
            {
                _items[at] = item with { State = RemoteItem.Failed, Message = "It was not sent before the run broke, or the answer was lost: see coffre remote list, then add it again." };
            }
        }

        Keep();
    }

    private async Task SendOneAsync((int At, string Url)[] wanted, CancellationToken cancellationToken)
    {
        try
        {
            var made = await account.Client.AddRemoteUploadAsync([.. wanted.Select(pair => pair.Url)], batch.FolderId, headers, cancellationToken);
            for (var position = 0; position < wanted.Length; position++)
            {
                var item = _items[wanted[position].At];
                _items[wanted[position].At] = item with
                {
                    State = RemoteItem.Requested,
                    RequestId = made.Id,
                    FirstRequestId = item.FirstRequestId ?? made.Id,
                    Position = position,
                    Tries = item.Tries + 1,
                };
            }
        }
        catch (CoffreException trouble) when (IsOfOneUrl(trouble) && wanted.Length > 1)
        {
            // One bad URL makes the service refuse all of them: halves show which.
            await SendOneAsync(wanted[..(wanted.Length / 2)], cancellationToken);
            await SendOneAsync(wanted[(wanted.Length / 2)..], cancellationToken);
        }
        catch (CoffreException trouble) when (IsOfOneUrl(trouble))
        {
            _items[wanted[0].At] = _items[wanted[0].At] with { State = RemoteItem.Failed, Message = Said(trouble.Message, wanted[0].Url) };
        }

        Keep();
    }

    private async Task<RemoteItem> NameAsync(RemoteItem item, CancellationToken cancellationToken)
    {
        if (item.Name is not { } name)
        {
            return item;
        }

        try
        {
            await account.Client.RenameFileAsync(item.Link!, NameEncoding.Encode(name), cancellationToken);
            return item;
        }
        catch (CoffreException trouble) when (trouble.Error is CoffreError.Conflict)
        {
            // It has that name already, from the source or from an earlier run, or another file has it.
            var details = await account.Client.GetFileAsync(item.Link!, cancellationToken: cancellationToken);
            return string.Equals(NameEncoding.Decode(details.File.Name), name, StringComparison.Ordinal)
                ? item
                : item with { State = RemoteItem.Failed, Message = $"It was fetched, but could not be named '{name}': {run.CleanMessage(trouble.Message)}" };
        }
    }

    // Texts that nobody has seen yet may mean a URL too.
    private static bool IsOfOneUrl(CoffreException trouble) => trouble.Error is CoffreError.BadRequest or CoffreError.Refused;

    /// <summary>The service's words as they may be kept: it may quote the URL, and a later run does not know what of it is secret.</summary>
    private string Said(string message, string url) =>
        run.CleanMessage(SourceUrl.TryRead(url, out _) ? message.Replace(url, SourceUrl.Shown(url), StringComparison.Ordinal) : message);

    private void Keep() => book.Write(batch with { Items = [.. _items] });
}

/// <summary>Results of remote uploads.</summary>
internal static class RemoteResults
{
    public static RemoteUrlResult Of(RemoteItem item, bool isBare = false) => new()
    {
        Id = item.RequestId,
        Url = item.Url,
        Name = item.Name,
        State = item.State,
        Link = item.Link,
        Message = item.Message,
        Tries = item.Tries,
        IsBare = isBare,
    };

    public static RemoteUrlResult Of(long id, RemoteUploadItem item, string? name) => new()
    {
        Id = id,
        Url = SourceUrl.Shown(item.Url),
        Name = name,
        State = item.State.ToString().ToLowerInvariant(),
        Link = item.Link,
        Message = item.Message.Length > 0 ? item.Message : null,
        Received = item.Received,
        Size = item.Size,
    };

    public static string Progress(long? received, long? size) => (received, size) switch
    {
        ({ } bytes, > 0) => string.Create(CultureInfo.InvariantCulture, $"{100.0 * bytes / size.Value:0} % of {TextStyle.Human(size.Value)}"),
        ( > 0, _) => TextStyle.Human(received.Value),
        _ => "",
    };
}
