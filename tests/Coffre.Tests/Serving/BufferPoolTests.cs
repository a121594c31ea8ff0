using Coffre.Server.Door;
using Microsoft.Extensions.Time.Testing;

namespace Coffre.Tests.Serving;

public sealed class BufferPoolTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void A_block_is_used_again_the_last_one_first_and_nothing_is_allocated()
    {
        using var pool = new BufferPool(_clock);
        var (first, second) = (pool.Rent(), pool.Rent(1));
        Assert.Equal(BufferPool.BlockSize, first.Memory.Length);
        Assert.False(first.Memory.Span == second.Memory.Span);
        first.Dispose();
        second.Dispose();

        Assert.Same(second, pool.Rent(4096));
        Assert.Same(first, pool.Rent(4096));
        first.Dispose();
        Assert.Equal(0, Allocated.ByThread(() => pool.Rent(4096).Dispose()));
    }

    [Fact]
    public void A_block_that_is_given_back_twice_is_a_bug_that_is_told()
    {
        using var pool = new BufferPool(_clock);
        var block = pool.Rent();
        block.Dispose();
        Assert.Throws<InvalidOperationException>(block.Dispose);
        Assert.Equal(1, pool.FreeBlocks);
    }

    [Fact]
    public void More_than_a_block_is_not_to_be_had() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new BufferPool(_clock).Rent(BufferPool.BlockSize + 1));

    [Fact]
    public void What_nobody_wants_any_more_is_let_go_and_what_is_in_use_stays()
    {
        using var pool = new BufferPool(_clock);
        Crowd(pool, 64);
        Assert.Equal(64, pool.FreeBlocks);
        for (var i = 0; i < 20; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(11));
            Crowd(pool, 4);
        }

        Assert.InRange(pool.FreeBlocks, 4, 8);
    }

    [Fact]
    public void Blocks_that_come_back_after_the_end_are_dropped()
    {
        var pool = new BufferPool(_clock);
        var block = pool.Rent();
        pool.Dispose();
        block.Dispose();
        Assert.Equal(0, pool.FreeBlocks);
    }

    private static void Crowd(BufferPool pool, int blocks)
    {
        var rented = Enumerable.Range(0, blocks).Select(_ => pool.Rent()).ToList();
        rented.ForEach(static block => block.Dispose());
    }
}
