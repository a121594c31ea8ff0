using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Coffre.Client.Native;
using Coffre.Protocol.Api;

namespace Coffre.Client;

/// <summary>The keys of an account on a coffre-server (<c>/api/keys</c>). All but <see cref="GetCurrentAsync"/> and
/// <see cref="RevokeHeldAsync"/> want a key with the scope <c>account</c>.</summary>
/// <remarks>
/// 1fichier.com has no such calls: there each throws <see cref="CoffreError.Configuration"/>. Calls that make or end a key are not repeated
/// when their answer was lost.
/// </remarks>
public sealed class KeyCalls
{
    private readonly NativeCaller _native;

    internal KeyCalls(NativeCaller native) => _native = native;

    /// <summary>All keys, those that ended too, the newest first; fetched page by page while they are read.</summary>
    /// <exception cref="CoffreException"><see cref="CoffreError.Forbidden"/>: the key lacks the scope.</exception>
    public async IAsyncEnumerable<KeyView> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? cursor = null;
        do
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"{ApiPaths.Keys}?limit={Listing<KeyView>.MaxLimit}")
                + (cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor));
            var page = await _native.CallAsync(new NativeCall<Listing<KeyView>>(HttpMethod.Get, path, ApiJson.Default.ListingKeyView), cancellationToken).ConfigureAwait(false);
            foreach (var key in page.Items ?? [])
            {
                yield return key;
            }

            cursor = page.Next;
        }
        while (cursor is not null);
    }

    /// <summary>The key that this client has. Any key may ask: the cheapest way to see whether it works.</summary>
    /// <exception cref="CoffreException"><see cref="CoffreError.NotAuthenticated"/>: it does not.</exception>
    public Task<KeyView> GetCurrentAsync(CancellationToken cancellationToken = default) =>
        _native.CallAsync(new NativeCall<KeyView>(HttpMethod.Get, ApiPaths.CurrentKey, ApiJson.Default.KeyView), cancellationToken);

    /// <summary>One key.</summary>
    /// <exception cref="CoffreException"><see cref="CoffreError.NotFound"/>: the account has no key of that number.</exception>
    public Task<KeyView> GetAsync(long id, CancellationToken cancellationToken = default) =>
        _native.CallAsync(new NativeCall<KeyView>(HttpMethod.Get, ById(id), ApiJson.Default.KeyView), cancellationToken);

    /// <summary>Makes a key that may do no more than the one that asks.</summary>
    /// <param name="wish">Its name (1 to 100 characters), and what bounds it; what is left out is as the caller has it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The key with its secret, which nobody can ask for again.</returns>
    /// <exception cref="CoffreException"><see cref="CoffreError.Forbidden"/>: it would be stronger; <see cref="CoffreError.BadRequest"/>.</exception>
    public Task<NewKeyAnswer> CreateAsync(NewKeyRequest wish, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(wish);
        return _native.CallAsync(Making(ApiPaths.Keys, wish, ApiJson.Default.NewKeyRequest), cancellationToken);
    }

    /// <summary>Gives a key another name.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="name">1 to 100 characters.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<KeyView> RenameAsync(long id, string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return _native.CallAsync(
            new NativeCall<KeyView>(HttpMethod.Patch, ById(id), ApiJson.Default.KeyView)
            {
                Body = JsonSerializer.SerializeToUtf8Bytes(new KeyChange { Name = name }, ApiJson.Default.KeyChange),
            },
            cancellationToken);
    }

    /// <summary>Ends a key now, and what waits to take over from it. For one that was rotated it ends the grace.</summary>
    public Task<KeyView> RevokeAsync(long id, CancellationToken cancellationToken = default) =>
        _native.CallAsync(new NativeCall<KeyView>(HttpMethod.Delete, ById(id), ApiJson.Default.KeyView), cancellationToken);

    /// <summary>Ends a key now and makes another in its place.</summary>
    /// <param name="id">Its number; null is the key that asks.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<NewKeyAnswer> RegenerateAsync(long? id = null, CancellationToken cancellationToken = default) =>
        _native.CallAsync(new NativeCall<NewKeyAnswer>(HttpMethod.Post, Filled(ApiPaths.Regenerate, id), ApiJson.Default.NewKeyAnswer) { IsRepeatable = false }, cancellationToken);

    /// <summary>Makes a key that takes over from another: it is pending until its first use, and from then the old one lives on for a grace.</summary>
    /// <param name="id">Number of the old one; null is the key that asks.</param>
    /// <param name="grace">0 to 7 days, in whole seconds; null is a day.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<NewKeyAnswer> RotateAsync(long? id = null, TimeSpan? grace = null, CancellationToken cancellationToken = default) =>
        _native.CallAsync(
            Making(Filled(ApiPaths.Rotate, id), new RotateRequest { GraceSeconds = (long?)grace?.TotalSeconds }, ApiJson.Default.RotateRequest),
            cancellationToken);

    /// <summary>Ends keys that were found somewhere: whoever holds a key may end it. The client's own key is not sent along.</summary>
    /// <param name="keys">Whole keys, as many as there are; sent in groups of 1,000.</param>
    /// <param name="cancellationToken">Cancels between groups.</param>
    /// <returns>How many of them were live. What is no live key of that server counts as nothing.</returns>
    public async Task<int> RevokeHeldAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var revoked = 0;
        foreach (var group in keys.Distinct(StringComparer.Ordinal).Chunk(RevokeKeysRequest.MaxKeys))
        {
            var answer = await _native.CallAsync(
                new NativeCall<RevokeKeysAnswer>(HttpMethod.Post, ApiPaths.RevokeKeys, ApiJson.Default.RevokeKeysAnswer)
                {
                    Body = JsonSerializer.SerializeToUtf8Bytes(new RevokeKeysRequest { Keys = group }, ApiJson.Default.RevokeKeysRequest),
                    IsWithKey = false,
                },
                cancellationToken).ConfigureAwait(false);
            revoked += answer.Revoked;
        }

        return revoked;
    }

    private static NativeCall<NewKeyAnswer> Making<TBody>(string path, TBody body, JsonTypeInfo<TBody> type) =>
        new(HttpMethod.Post, path, ApiJson.Default.NewKeyAnswer) { Body = JsonSerializer.SerializeToUtf8Bytes(body, type), IsRepeatable = false };

    private static string ById(long id) => Filled(ApiPaths.KeyById, id);

    private static string Filled(string path, long? id) =>
        path.Replace("{id}", id?.ToString(CultureInfo.InvariantCulture) ?? ApiPaths.Current, StringComparison.Ordinal);
}
