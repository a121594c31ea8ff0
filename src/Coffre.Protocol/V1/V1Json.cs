using System.Text.Json;
using System.Text.Json.Serialization;

namespace Coffre.Protocol.V1;

/// <summary>The JSON of the wire, generated at build time so that it works in native code.</summary>
/// <remarks>Reading is generous (numbers as text, any case of names), writing is exact.</remarks>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.General,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    PropertyNameCaseInsensitive = true,
    MaxDepth = MaxDepth)]
[JsonSerializable(typeof(EmptyRequest))]
[JsonSerializable(typeof(V1Answer))]
[JsonSerializable(typeof(FileLsRequest))]
[JsonSerializable(typeof(FileLsAnswer))]
[JsonSerializable(typeof(FileInfoRequest))]
[JsonSerializable(typeof(FileInfoAnswer))]
[JsonSerializable(typeof(FileRmRequest))]
[JsonSerializable(typeof(FileRmAnswer))]
[JsonSerializable(typeof(FileMvRequest))]
[JsonSerializable(typeof(FileMvAnswer))]
[JsonSerializable(typeof(FileRenameRequest))]
[JsonSerializable(typeof(FileRenameAnswer))]
[JsonSerializable(typeof(FileCpRequest))]
[JsonSerializable(typeof(FileCpAnswer))]
[JsonSerializable(typeof(FileScanRequest))]
[JsonSerializable(typeof(FileScanAnswer))]
[JsonSerializable(typeof(FolderLsRequest))]
[JsonSerializable(typeof(FolderLsAnswer))]
[JsonSerializable(typeof(FolderMember))]
[JsonSerializable(typeof(FolderMkdirRequest))]
[JsonSerializable(typeof(FolderMkdirAnswer))]
[JsonSerializable(typeof(FolderMvRequest))]
[JsonSerializable(typeof(FolderMvAnswer))]
[JsonSerializable(typeof(FolderRmRequest))]
[JsonSerializable(typeof(UserInfoRequest))]
[JsonSerializable(typeof(UserInfoAnswer))]
[JsonSerializable(typeof(UploadServerAnswer))]
[JsonSerializable(typeof(UploadReport))]
[JsonSerializable(typeof(DownloadTokenRequest))]
[JsonSerializable(typeof(DownloadTokenAnswer))]
[JsonSerializable(typeof(FolderShareRequest))]
[JsonSerializable(typeof(FolderShareAnswer))]
[JsonSerializable(typeof(IReadOnlyList<SharedFile>))]
[JsonSerializable(typeof(FileChattrRequest))]
[JsonSerializable(typeof(FileChattrAnswer))]
[JsonSerializable(typeof(FtpProcessAnswer))]
[JsonSerializable(typeof(FtpUsersAddRequest))]
[JsonSerializable(typeof(FtpUsersRmRequest))]
[JsonSerializable(typeof(FtpUsersLsAnswer))]
[JsonSerializable(typeof(RemoteRequestRequest))]
[JsonSerializable(typeof(RemoteRequestAnswer))]
[JsonSerializable(typeof(RemoteReceipt))]
[JsonSerializable(typeof(RemoteLsAnswer))]
[JsonSerializable(typeof(RemoteInfoRequest))]
[JsonSerializable(typeof(RemoteInfoAnswer))]
[JsonSerializable(typeof(VoucherLsAnswer))]
[JsonSerializable(typeof(VoucherCheckRequest))]
[JsonSerializable(typeof(VoucherCheckAnswer))]
[JsonSerializable(typeof(VoucherUseRequest))]
[JsonSerializable(typeof(int))]
public sealed partial class V1Json : JsonSerializerContext
{
    /// <summary>How deep a body may nest.</summary>
    public const int MaxDepth = 32;
}
