using Microsoft.Win32.SafeHandles;

namespace Coffre.Storage.Local;

/// <summary>An open file that several read from; closed when the last of them is done.</summary>
internal sealed class SharedFile(SafeFileHandle handle)
{
    private int _users = 1;

    public SafeFileHandle Handle => handle;

    /// <summary>One more user; only called by who knows that there is one.</summary>
    public void Use() => Interlocked.Increment(ref _users);

    /// <summary>One user less. The first is whoever opened it.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            handle.Dispose();
        }
    }
}
