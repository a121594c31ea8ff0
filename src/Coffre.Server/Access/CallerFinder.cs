using System.Text;
using Coffre.Protocol;
using Coffre.Server.Door;

namespace Coffre.Server.Access;

/// <summary>Who asks where a key is not demanded: by key, by e-mail address and password, or nobody.</summary>
internal sealed class CallerFinder(KeyGate gate, SignIn signIn)
{
    private const string Basic = "Basic ";

    /// <summary>The caller, or null where the request presents nothing; what it presents wrongly is a fault.</summary>
    /// <param name="http">The request; its caller is written down for the log.</param>
    /// <param name="takesPassword">Whether <c>Authorization: Basic</c> is taken beside a key.</param>
    public async ValueTask<Outcome<Caller?>> FindAsync(HttpContext http, bool takesPassword = true)
    {
        if (!KeyGate.HasKey(http.Request))
        {
            return (Caller?)null;
        }

        var found = takesPassword && http.Request.Headers.Authorization is [{ } text] && text.StartsWith(Basic, StringComparison.OrdinalIgnoreCase)
            ? await SignInAsync(http, text[Basic.Length..])
            : await gate.AuthenticateAsync(http, http.RequestAborted);
        if (found.IsFault)
        {
            return found.Fault;
        }

        http.Items[typeof(Caller)] = found.Value;
        return found.Value;
    }

    private ValueTask<Outcome<Caller>> SignInAsync(HttpContext http, string credentials)
    {
        var buffer = new byte[credentials.Length];
        if (!Convert.TryFromBase64String(credentials.Trim(), buffer, out var length)
            || Encoding.UTF8.GetString(buffer, 0, length).Split(':', 2) is not [var email, var password])
        {
            return ValueTask.FromResult<Outcome<Caller>>(new Fault(KoCode.MalformedRequest, "Authorization: Basic has email:password in base64"));
        }

        return signIn.AuthenticateAsync(email, password, http.Connection.RemoteIpAddress, http.RequestAborted);
    }
}
