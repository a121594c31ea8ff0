using System.Globalization;

namespace Coffre.Storage.Local.Segments;

/// <summary>Finds the places of all small blobs when a store is opened: from the index of each segment, or from the segment itself.</summary>
internal sealed class SegmentLoader(BlobPaths paths, SegmentShelf shelf, DiskBlobStoreOptions options)
{
    private readonly IDiskCalls _calls = options.Calls;

    /// <summary>Loads all segments; returns the one to go on with, or null if a new one is to be begun.</summary>
    public OpenSegment? Load()
    {
        OpenSegment? last = null;
        foreach (var number in Numbers(BlobPaths.SegmentSuffix))
        {
            last?.Dispose();
            last = Load(number);
        }

        DropStrayIndexes();

        if (options.IsExclusive)
        {
            WriteMissingIndexes(last?.Segment);
        }

        return last;
    }

    /// <summary>The numbers of the files with this ending; others are not the store's.</summary>
    private List<int> Numbers(string suffix) =>
        [.. Directory.EnumerateFiles(paths.Segments, "*" + suffix)
            .Select(static path => int.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .Where(number => number > 0 && File.Exists(Path.Combine(paths.Segments, BlobPaths.SegmentName(number) + suffix)))
            .Order()];

    /// <summary>The process died between the removal of a segment and that of its index: the index must not meet a later segment of that number.</summary>
    private void DropStrayIndexes()
    {
        foreach (var number in Numbers(BlobPaths.IndexSuffix).Where(number => !File.Exists(paths.Segment(number))))
        {
            shelf.PassOver(number);
            if (options.IsExclusive)
            {
                _calls.Delete(paths.SegmentIndex(number));
            }
        }
    }

    private OpenSegment? Load(int number)
    {
        shelf.PassOver(number);
        var segment = new Segment(number) { IsSealed = true };
        if (shelf.ReadIndexFile(segment) is { } entries)
        {
            shelf.Add(segment);
            AddPlaces(segment, entries);
            return null;
        }

        using var file = _calls.OpenForReading(paths.Segment(number));
        if (file is null)
        {
            return null;
        }

        var scan = SegmentScan.Read(file, number);
        if (scan.IsEmpty)
        {
            // Its maker died before its first record.
            if (options.IsExclusive)
            {
                _calls.Delete(paths.Segment(number));
            }

            return null;
        }

        if (options.IsExclusive && _calls.OpenForWriting(paths.Segment(number)) is { } own)
        {
            // What was read may lie in the page cache alone, if its writer was killed: it is put on the device before anything is given up for it.
            using (own)
            {
                _calls.SyncFile(own);
            }
        }

        segment.Tail = scan.Tail;
        segment.IsDamaged = scan.IsDamaged;
        segment.Entries = scan.Entries;
        shelf.Add(segment);
        AddPlaces(segment, scan.Entries);
        return options.IsExclusive && !scan.IsDamaged && segment.Tail < options.SegmentLength ? Reopen(segment, scan) : null;
    }

    private void AddPlaces(Segment segment, List<IndexEntry> entries)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            var place = new BlobPlace(entry.Ticks, segment.Number, entry.Offset, entry.Length, i);
            if (entry.IsPurged)
            {
                segment.Dead += place.RecordSize;
            }
            else if (shelf.Places.Set(entry.Id, place) is { } older)
            {
                // It was being moved when the process died: the record that it was moved from is of no more use.
                if (options.IsExclusive)
                {
                    shelf.Entomb(older);
                }
            }
        }
    }

    private OpenSegment? Reopen(Segment segment, SegmentScan scan)
    {
        if (_calls.OpenForWriting(paths.Segment(segment.Number)) is not { } file)
        {
            return null;
        }

        if (options.Durability == Durability.Strict)
        {
            // Whoever made it may have died before its name was on the device; its bytes are since it was read.
            _calls.SyncFolder(paths.Segments);
        }

        segment.IsSealed = false;
        return new OpenSegment(_calls, segment, file, scan.Marker, RandomAccess.GetLength(file));
    }

    private void WriteMissingIndexes(Segment? open)
    {
        foreach (var segment in shelf.Segments.Where(segment => segment.Entries is not null && segment != open))
        {
            segment.IsSealed = true;
            try
            {
                shelf.WriteIndex(segment);
            }
            catch (Exception exception) when (DiskTrouble.Threw(exception))
            {
                // The next start reads the segment again. A full disk is no reason not to serve.
            }
        }
    }
}
