namespace Coffre.Storage.Local;

/// <summary>The steps of a commit, in order: between any two of them the process may die.</summary>
internal enum CommitStep
{
    /// <summary>Every byte is in the staging file, as far as the kernel knows.</summary>
    AfterStagingWrite,

    /// <summary>Every byte is on the device; the name is not.</summary>
    AfterFileSync,

    /// <summary>The blob has its name; the name may not be on the device.</summary>
    AfterRename,

    /// <summary>The name is on the device: from here on the blob is kept.</summary>
    AfterFolderSync,

    /// <summary>A small blob: its record is in the segment, as far as the kernel knows.</summary>
    AfterRecordWrite,

    /// <summary>A small blob: its record is on the device: from here on the blob is kept.</summary>
    AfterRecordSync,
}
