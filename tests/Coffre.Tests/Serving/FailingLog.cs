using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Coffre.Server.Catalog;

namespace Coffre.Tests.Serving;

/// <summary>The write-ahead log of one catalog on a disk that a test fills or breaks. All the rest is SQLite as it is.</summary>
/// <remarks>
/// SQLite reaches files through a table of functions. Its own stays in place, but for opening, and for the writes and syncs of such a log. That is for
/// the whole process and for good; files that no test asked for have their own functions as before.
/// </remarks>
internal sealed class FailingLog : IDisposable
{
    private const int Ok = 0;
    private const int Full = 13;
    private const int SyncFailed = 10 | (4 << 8);
    private const int MakeDefault = 1;

    // Places in SQLite's own records, on a machine of 64 bits.
    private const int SizeOfVfs = 168;
    private const int NameInVfs = 24;
    private const int OpenInVfs = 40;
    private const int SizeOfMethods = 152;
    private const int WriteInMethods = 24;
    private const int SyncInMethods = 40;

    private static readonly nint Library = NativeLibrary.Load("e_sqlite3", typeof(CatalogStore).Assembly, DllImportSearchPath.AssemblyDirectory);
    private static readonly ConcurrentDictionary<string, FailingLog> ByPath = new();
    private static readonly ConcurrentDictionary<nint, FailingLog> ByFile = new();
    private static readonly ConcurrentDictionary<nint, nint> Methods = new();
    private static readonly OpenCall OpenHere = Open;
    private static readonly WriteCall WriteHere = Write;
    private static readonly SyncCall SyncHere = Sync;
    private static readonly nint OwnVfs = Find(0);
    private static readonly OpenCall OwnOpen = At<OpenCall>(OwnVfs, OpenInVfs);
    private static readonly int Registered = Register();
    private static WriteCall? _ownWrite;
    private static SyncCall? _ownSync;

    private readonly string _path;
    private int _writes;

    /// <param name="folder">The data folder, before a server works in it.</param>
    public FailingLog(string folder)
    {
        Assert.Equal(Ok, Registered);
        _path = Path.Combine(folder, "catalog.db-wal");
        ByPath[_path] = this;
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint FindCall(nint name);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int RegisterCall(nint vfs, int makeDefault);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int OpenCall(nint vfs, nint name, nint file, int flags, nint outFlags);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int WriteCall(nint file, nint bytes, int count, long offset);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int SyncCall(nint file, int flags);

    /// <summary>How many more writes the disk takes whole; of the next it takes a half, of those behind it nothing. Negative: it is not full.</summary>
    public int Room { get; set; } = -1;

    /// <summary>Asked at each sync: false if what was written cannot be synced.</summary>
    public Func<bool> Syncs { get; set; } = static () => true;

    /// <summary>Writes since this was set.</summary>
    public int Writes { get => Volatile.Read(ref _writes); set => Volatile.Write(ref _writes, value); }

    public void Dispose() => ByPath.TryRemove(_path, out _);

    private static nint Find(nint name) => Export<FindCall>("sqlite3_vfs_find")(name);

    private static int Register()
    {
        var vfs = Copy(OwnVfs, SizeOfVfs);
        Marshal.WriteIntPtr(vfs, NameInVfs, Marshal.StringToCoTaskMemUTF8("coffre-test"));
        Marshal.WriteIntPtr(vfs, OpenInVfs, Marshal.GetFunctionPointerForDelegate(OpenHere));
        return Export<RegisterCall>("sqlite3_vfs_register")(vfs, MakeDefault);
    }

    private static int Open(nint vfs, nint name, nint file, int flags, nint outFlags)
    {
        var code = OwnOpen(OwnVfs, name, file, flags, outFlags);
        if (code == Ok && name != 0 && Marshal.PtrToStringUTF8(name) is { } path && ByPath.TryGetValue(path, out var log))
        {
            ByFile[file] = log;
            Marshal.WriteIntPtr(file, Methods.GetOrAdd(Marshal.ReadIntPtr(file), MethodsFor));
        }

        return code;
    }

    private static nint MethodsFor(nint own)
    {
        _ownWrite = At<WriteCall>(own, WriteInMethods);
        _ownSync = At<SyncCall>(own, SyncInMethods);
        var methods = Copy(own, SizeOfMethods);
        Marshal.WriteIntPtr(methods, WriteInMethods, Marshal.GetFunctionPointerForDelegate(WriteHere));
        Marshal.WriteIntPtr(methods, SyncInMethods, Marshal.GetFunctionPointerForDelegate(SyncHere));
        return methods;
    }

    private static int Write(nint file, nint bytes, int count, long offset)
    {
        var log = ByFile[file];
        var number = Interlocked.Increment(ref log._writes);
        if (log.Room < 0 || number <= log.Room)
        {
            return _ownWrite!(file, bytes, count, offset);
        }

        if (number == log.Room + 1)
        {
            _ownWrite!(file, bytes, count / 2, offset);
        }

        return Full;
    }

    private static int Sync(nint file, int flags) => ByFile[file].Syncs() ? _ownSync!(file, flags) : SyncFailed;

    private static nint Copy(nint from, int size)
    {
        var bytes = new byte[size];
        Marshal.Copy(from, bytes, 0, size);
        var copy = Marshal.AllocHGlobal(size);
        Marshal.Copy(bytes, 0, copy, size);
        return copy;
    }

    private static T At<T>(nint table, int offset)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(Marshal.ReadIntPtr(table, offset));

    private static T Export<T>(string name)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(Library, name));
}
