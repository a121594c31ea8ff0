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
            Numbers(BlobPaths.IndexDraftSuffix).ForEach(number => _calls.Delete(paths.SegmentIndexDraft(number)));
            WriteMissingIndexes(last?.Segment);
        }

        return last;
    }

    /// <summary>The numbers of the files with this ending; others are not the store's.</summary>
    private List<int> Numbers(string suffix) =>
        [.. Directory.EnumerateFiles(paths.Segments, "*" + suffix)
            .Select(path => int.TryParse(Path.GetFileName(path.AsSpan())[..^suffix.Length], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number : 0)
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

        if (scan.IsUnreadable)
        {
            // Left alone: what lies in it is not known, and nothing may be given up for that.
            shelf.Unreadable.Add(paths.Segment(number));
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
                KeepOne(entry.Id, older, place);
            }
        }
    }

    /// <summary>It was being moved when the process died: one of the two records is of no more use.</summary>
    /// <remarks>
    /// The older one stays. It was acknowledged long ago, while the sync of the newer may have failed: then the newer can still be read from
    /// the page cache, looks whole, and is on no device.
    /// </remarks>
    private void KeepOne(BlobId id, BlobPlace older, BlobPlace newer)
    {
        var isOlderWhole = IsWhole(older);
        if (isOlderWhole)
        {
            shelf.Places.Set(id, older);
        }

        if (options.IsExclusive)
        {
            shelf.Entomb(isOlderWhole ? newer : older);
        }
    }

    private bool IsWhole(BlobPlace place)
    {
        using var file = _calls.OpenForReading(paths.Segment(place.Segment));
        return file is not null && SegmentScan.IsWhole(file, place.Offset, new byte[SegmentFormat.RecordHeadSize + place.Length]);
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
