namespace Coffre.Protocol.V1;

/// <summary>Where each call lives, below the address of a service.</summary>
public static class V1Paths
{
    public const string Root = "/v1/";
    public const string UserInfo = "/v1/user/info.cgi";
    public const string FileLs = "/v1/file/ls.cgi";
    public const string FileInfo = "/v1/file/info.cgi";
    public const string FileRm = "/v1/file/rm.cgi";
    public const string FileMv = "/v1/file/mv.cgi";
    public const string FileRename = "/v1/file/rename.cgi";
    public const string FileCp = "/v1/file/cp.cgi";
    public const string FileChattr = "/v1/file/chattr.cgi";
    public const string FileScan = "/v1/file/scan.cgi";
    public const string FolderLs = "/v1/folder/ls.cgi";
    public const string FolderMkdir = "/v1/folder/mkdir.cgi";
    public const string FolderMv = "/v1/folder/mv.cgi";
    public const string FolderRm = "/v1/folder/rm.cgi";
    public const string FolderShare = "/v1/folder/share.cgi";
    public const string DownloadToken = "/v1/download/get_token.cgi";
    public const string FtpProcess = "/v1/ftp/process.cgi";
    public const string FtpUsersLs = "/v1/ftp/users/ls.cgi";
    public const string FtpUsersAdd = "/v1/ftp/users/add.cgi";
    public const string FtpUsersRm = "/v1/ftp/users/rm.cgi";
    public const string RemoteRequest = "/v1/remote/request.cgi";
    public const string RemoteLs = "/v1/remote/ls.cgi";
    public const string RemoteInfo = "/v1/remote/info.cgi";
    public const string VoucherLs = "/v1/vouchers/ls.cgi";
    public const string VoucherCheck = "/v1/vouchers/check.cgi";
    public const string VoucherUse = "/v1/vouchers/use.cgi";
    public const string UploadServer = "/v1/upload/get_upload_server.cgi";

    /// <summary>Asks after many links without a key.</summary>
    public const string CheckLinks = "/check_links.pl";

    /// <summary>On the node that <see cref="UploadServer"/> named: <c>?id=</c>.</summary>
    public const string Upload = "/upload.cgi";

    /// <summary>On the same node: <c>?xid=</c>.</summary>
    public const string UploadEnd = "/end.pl";
}
