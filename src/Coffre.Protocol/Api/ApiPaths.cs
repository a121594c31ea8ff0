namespace Coffre.Protocol.Api;

/// <summary>Addresses of the native API.</summary>
public static class ApiPaths
{
    public const string Root = "/api";
    public const string OpenApi = Root + "/openapi.json";

    public const string Keys = Root + "/keys";
    public const string KeyById = Keys + "/{id}";
    public const string CurrentKey = Keys + "/" + Current;
    public const string Regenerate = KeyById + "/regenerate";
    public const string Rotate = KeyById + "/rotate";
    public const string RevokeKeys = Keys + "/revoke";

    /// <summary>What stands in the place of <c>{id}</c> for the key that asks.</summary>
    public const string Current = "current";

    public const string Audit = Root + "/audit";
    public const string AuditOfAll = Root + "/audit/all";
}
