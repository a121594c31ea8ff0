namespace Coffre.Tests;

public sealed class AllocatedTests
{
    [Fact]
    public void What_a_round_allocates_is_counted_to_the_byte() =>
        Assert.Equal(104, Allocated.ByThread(() => GC.KeepAlive(new byte[76])));

    [Fact]
    public void A_collection_within_one_round_does_not_count()
    {
        var rounds = 0;
        Assert.Equal(0, Allocated.ByThread(() =>
        {
            if (rounds++ == 1)
            {
                GC.Collect(0);
            }
        }));
    }
}
