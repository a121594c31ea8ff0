using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Files;
using Coffre.Server.Folders;

namespace Coffre.Server.Uploads;

/// <summary>The tables that one upload writes to, all in one transaction.</summary>
internal sealed record UploadTables(UploadTable Uploads, AccountTable Accounts, PlaceFinder Places, FolderTable Folders, Arrivals Arrivals);
