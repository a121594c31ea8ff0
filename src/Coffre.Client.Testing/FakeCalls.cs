using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Coffre.Protocol;
using Coffre.Protocol.Api;
using Coffre.Protocol.V1;

namespace Coffre.Client.Testing;

/// <summary>The JSON calls on what the account holds.</summary>
internal sealed class FakeCalls(FakeAccount account)
{
    private const long Plenty = 1L << 50;

    /// <summary>Null: not a call that is known here.</summary>
    public HttpResponseMessage? Answer(FakeRequest request)
    {
        try
        {
            return Choose(request);
        }
        catch (JsonException)
        {
            return FakeCoffre.Refusal(KoCode.MalformedBody);
        }
    }

    private HttpResponseMessage? Choose(FakeRequest request) => request.Path switch
    {
        V1Paths.FolderLs => List(Read(request, V1Json.Default.FolderLsRequest)),
        V1Paths.FolderMkdir => Make(Read(request, V1Json.Default.FolderMkdirRequest)),
        V1Paths.FolderMv => Move(Read(request, V1Json.Default.FolderMvRequest)),
        V1Paths.FolderRm => Remove(Read(request, V1Json.Default.FolderRmRequest)),
        V1Paths.FileLs => List(Read(request, V1Json.Default.FileLsRequest)),
        V1Paths.FileInfo => Describe(Read(request, V1Json.Default.FileInfoRequest)),
        V1Paths.FileRm => Remove(Read(request, V1Json.Default.FileRmRequest)),
        V1Paths.FileMv => Move(Read(request, V1Json.Default.FileMvRequest)),
        V1Paths.FileRename => Rename(Read(request, V1Json.Default.FileRenameRequest)),
        V1Paths.FileCp => Copy(Read(request, V1Json.Default.FileCpRequest)),
        V1Paths.UserInfo => Tell(),
        ApiPaths.CurrentKey when request.Method == HttpMethod.Get => Write(new KeyView { Id = 1, Name = "fake", State = "active", Scopes = ["read", "write", "account"] }, ApiJson.Default.KeyView),
        _ => null,
    };

    private HttpResponseMessage List(FolderLsRequest wish)
    {
        var id = wish.FolderId ?? 0;
        if (!account.HasFolder(id))
        {
            return FakeCoffre.Refusal(KoCode.NoSuchFolder);
        }

        var files = account.Files.Where(file => file.FolderId == id).ToList();
        return Write(
            new FolderLsAnswer
            {
                Status = V1Answer.Ok,
                FolderId = id,
                Name = account.FindFolder(id)?.Name ?? "",
                Files = files.Count,
                Size = files.Sum(file => (long)file.Content.Length),
                SubFolders = [.. account.Folders.Where(folder => folder.ParentId == id).Select(folder =>
                    new FolderItem { Id = folder.Id, Name = folder.Name, CreateDate = ParisTime.Format(folder.Created) })],
                Items = wish.Files == 1 ? [.. files.Select(ItemOf)] : null,
            },
            V1Json.Default.FolderLsAnswer);
    }

    private HttpResponseMessage Make(FolderMkdirRequest wish)
    {
        if (Names.Check(wish.Name ?? "") is not null)
        {
            return FakeCoffre.Refusal(KoCode.BadName);
        }

        if (!account.HasFolder(wish.FolderId ?? 0))
        {
            return FakeCoffre.Refusal(KoCode.NoSuchFolder);
        }

        var made = account.AddFolder(wish.FolderId ?? 0, wish.Name!);
        return Write(new FolderMkdirAnswer { Status = V1Answer.Ok, FolderId = made.Id, Name = made.Name }, V1Json.Default.FolderMkdirAnswer);
    }

    private HttpResponseMessage Move(FolderMvRequest wish)
    {
        if (account.FindFolder(wish.FolderId ?? 0) is not { } folder || !account.HasFolder(wish.DestinationFolderId ?? folder.ParentId))
        {
            return FakeCoffre.Refusal(KoCode.NoSuchFolder);
        }

        var moved = folder with { ParentId = wish.DestinationFolderId ?? folder.ParentId, Name = wish.Rename ?? folder.Name };
        for (var above = account.FindFolder(moved.ParentId); above is not null; above = account.FindFolder(above.ParentId))
        {
            if (above.Id == folder.Id)
            {
                return FakeCoffre.Refusal(KoCode.FolderIntoItself);
            }
        }

        if (account.IsTaken(moved.ParentId, moved.Name))
        {
            return FakeCoffre.Refusal(KoCode.NameTaken);
        }

        account.Replace(folder, moved);
        return Write(new FolderMvAnswer { Status = V1Answer.Ok, OldName = folder.Name, NewName = moved.Name }, V1Json.Default.FolderMvAnswer);
    }

    private HttpResponseMessage Remove(FolderRmRequest wish)
    {
        if (account.FindFolder(wish.FolderId ?? 0) is not { } folder)
        {
            return FakeCoffre.Refusal(KoCode.NoSuchFolder);
        }

        if (account.Files.Any(file => file.FolderId == folder.Id) || account.Folders.Any(one => one.ParentId == folder.Id))
        {
            return FakeCoffre.Refusal(KoCode.FolderNotEmpty);
        }

        account.Replace(folder, null);
        return Write(new V1Answer { Status = V1Answer.Ok }, V1Json.Default.V1Answer);
    }

    private HttpResponseMessage List(FileLsRequest wish)
    {
        var id = wish.FolderId ?? 0;
        if (id >= 0 && !account.HasFolder(id))
        {
            return FakeCoffre.Refusal(KoCode.NoSuchFolder);
        }

        FileItem[] items = [.. account.Files.Where(file => id < 0 || file.FolderId == id).Select(ItemOf)];
        return Write(new FileLsAnswer { Status = V1Answer.Ok, Count = items.Length, Items = items }, V1Json.Default.FileLsAnswer);
    }

    private HttpResponseMessage Describe(FileInfoRequest wish)
    {
        if (account.FindLink(wish.Url) is not { } file)
        {
            return FakeCoffre.Refusal(KoCode.NotFound);
        }

        List<string> names = [];
        for (var folder = account.FindFolder(file.FolderId); folder is not null; folder = account.FindFolder(folder.ParentId))
        {
            names.Insert(0, folder.Name);
        }

        return Write(
            new FileInfoAnswer
            {
                Url = file.Link,
                FileName = file.Name,
                Size = file.Content.Length,
                Date = ParisTime.Format(file.Arrived),
                Checksum = file.Checksum,
                ContentType = "application/octet-stream",
                Pass = file.Password is null ? 0 : 1,
                FolderId = file.FolderId,
                Path = string.Join('/', names),
            },
            V1Json.Default.FileInfoAnswer);
    }

    private HttpResponseMessage Remove(FileRmRequest wish)
    {
        FakeFile[] found = [.. (wish.Files ?? []).Select(one => account.FindLink(one.Url)).OfType<FakeFile>()];
        if (found.Length == 0)
        {
            return FakeCoffre.Refusal(KoCode.NotFound);
        }

        foreach (var file in found)
        {
            account.Replace(file, null);
        }

        return Write(new FileRmAnswer { Status = V1Answer.Ok, Removed = found.Length }, V1Json.Default.FileRmAnswer);
    }

    private HttpResponseMessage Move(FileMvRequest wish)
    {
        FakeFile[] found = [.. (wish.Urls ?? []).Select(account.FindLink).OfType<FakeFile>()];
        var folder = wish.DestinationFolderId ?? 0;
        if (found.Length == 0 || !account.HasFolder(folder))
        {
            return FakeCoffre.Refusal(found.Length == 0 ? KoCode.NotFound : KoCode.NoSuchFolder);
        }

        if (found.Any(file => account.IsTaken(folder, wish.Rename ?? file.Name)))
        {
            return FakeCoffre.Refusal(KoCode.NameTaken);
        }

        foreach (var file in found)
        {
            account.Replace(file, file with { FolderId = folder, Name = wish.Rename ?? file.Name });
        }

        return Write(new FileMvAnswer { Status = V1Answer.Ok, Moved = found.Length, Urls = [.. found.Select(file => file.Link)] }, V1Json.Default.FileMvAnswer);
    }

    private HttpResponseMessage Rename(FileRenameRequest wish)
    {
        foreach (var one in wish.Urls ?? [])
        {
            if (account.FindLink(one.Url) is not { } file)
            {
                return FakeCoffre.Refusal(KoCode.NotFound);
            }

            if (one.FileName is not { } name || account.IsTaken(file.FolderId, name))
            {
                return FakeCoffre.Refusal(one.FileName is null ? KoCode.MissingParameter : KoCode.NameTaken);
            }

            account.Replace(file, file with { Name = name });
        }

        return Write(new FileRenameAnswer { Status = V1Answer.Ok, Renamed = wish.Urls?.Count ?? 0 }, V1Json.Default.FileRenameAnswer);
    }

    private HttpResponseMessage Copy(FileCpRequest wish)
    {
        var folder = wish.FolderId ?? wish.DestinationFolderId ?? 0;
        if (!account.HasFolder(folder))
        {
            return FakeCoffre.Refusal(KoCode.NoSuchFolder);
        }

        List<FileCopied> copies = [];
        foreach (var link in wish.Urls ?? [])
        {
            if (account.FindLink(link) is not { } file)
            {
                return FakeCoffre.Refusal(KoCode.NotFound);
            }

            if (account.IsTaken(folder, wish.Rename ?? file.Name))
            {
                return FakeCoffre.Refusal(KoCode.NameTaken);
            }

            copies.Add(new FileCopied { FromUrl = file.Link, ToUrl = account.AddFile(folder, wish.Rename ?? file.Name, file.Content.ToArray(), file.Password).Link });
        }

        return Write(new FileCpAnswer { Status = V1Answer.Ok, Copied = copies.Count, Urls = copies }, V1Json.Default.FileCpAnswer);
    }

    private HttpResponseMessage Tell() => Write(
        new UserInfoAnswer
        {
            Status = V1Answer.Ok,
            Email = account.Email,
            Offer = "1",
            AllowedColdStorage = account.Quota ?? Plenty,
            ColdStorage = account.Files.Sum(file => (long)file.Content.Length),
        },
        V1Json.Default.UserInfoAnswer);

    private static FileItem ItemOf(FakeFile file) => new()
    {
        Url = file.Link,
        FileName = file.Name,
        Size = file.Content.Length,
        Date = ParisTime.Format(file.Arrived),
        Checksum = file.Checksum,
        ContentType = "application/octet-stream",
        Pass = file.Password is null ? 0 : 1,
    };

    private static T Read<T>(FakeRequest request, JsonTypeInfo<T> type)
        where T : class =>
        JsonSerializer.Deserialize(request.Body, type) ?? throw new JsonException(string.Create(CultureInfo.InvariantCulture, $"{request.Path} came without a body."));

    internal static HttpResponseMessage Write<T>(T answer, JsonTypeInfo<T> type) => FakeCoffre.Json(JsonSerializer.Serialize(answer, type));
}
