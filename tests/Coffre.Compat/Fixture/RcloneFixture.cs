namespace Coffre.Compat.Fixture;

/// <summary>One server and one rclone for a class of tests. <see cref="Remote"/> is null if that rclone could not be had.</summary>
public abstract class RcloneFixture(bool newest, bool http2) : IAsyncLifetime
{
    public RcloneRemote? Remote { get; private set; }

    public bool Http2 => http2;

    public async ValueTask InitializeAsync()
    {
        if (!newest || RcloneRemote.HasNewest)
        {
            Remote = await RcloneRemote.StartAsync(newest, http2);
        }
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Remote is not null)
        {
            await Remote.DisposeAsync();
        }
    }
}

public sealed class OldRcloneHttp1() : RcloneFixture(newest: false, http2: false);

public sealed class OldRcloneHttp2() : RcloneFixture(newest: false, http2: true);

public sealed class NewestRcloneHttp1() : RcloneFixture(newest: true, http2: false);

public sealed class NewestRcloneHttp2() : RcloneFixture(newest: true, http2: true);
