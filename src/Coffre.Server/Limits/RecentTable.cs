namespace Coffre.Server.Limits;

/// <summary>Remembers something about the things that were seen last, and forgets those that were not: its size is bounded.</summary>
/// <remarks>Two generations: when the young one is full it becomes the old one, and the old one goes. Not safe for threads.</remarks>
internal sealed class RecentTable<TKey, TValue>(int capacity)
    where TKey : struct, IEquatable<TKey>
    where TValue : class
{
    private readonly int _half = Math.Max(1, capacity / 2);
    private Dictionary<TKey, TValue> _young = [];
    private Dictionary<TKey, TValue> _old = [];

    public int Count => _young.Count + _old.Count;

    public TValue? Find(TKey key)
    {
        if (_young.TryGetValue(key, out var value))
        {
            return value;
        }

        if (!_old.Remove(key, out value))
        {
            return null;
        }

        Set(key, value);
        return value;
    }

    public void Set(TKey key, TValue value)
    {
        if (_young.Count >= _half && !_young.ContainsKey(key))
        {
            (_old, _young) = (_young, []);
        }

        _old.Remove(key);
        _young[key] = value;
    }
}
