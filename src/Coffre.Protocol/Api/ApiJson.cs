using System.Text.Json;
using System.Text.Json.Serialization;

namespace Coffre.Protocol.Api;

/// <summary>The JSON of the native API, generated at build time so that it works in native code. Names are in <c>snake_case</c>.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.General,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = MaxDepth)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(KeyView))]
[JsonSerializable(typeof(Listing<KeyView>))]
[JsonSerializable(typeof(NewKeyRequest))]
[JsonSerializable(typeof(KeyChange))]
[JsonSerializable(typeof(RotateRequest))]
[JsonSerializable(typeof(NewKeyAnswer))]
[JsonSerializable(typeof(RevokeKeysRequest))]
[JsonSerializable(typeof(RevokeKeysAnswer))]
[JsonSerializable(typeof(Listing<AuditView>))]
[JsonSerializable(typeof(SignInRequest))]
[JsonSerializable(typeof(SignInCodeRequest))]
[JsonSerializable(typeof(SignInAnswer))]
[JsonSerializable(typeof(SessionView))]
[JsonSerializable(typeof(Listing<SessionView>))]
[JsonSerializable(typeof(ConfirmRequest))]
[JsonSerializable(typeof(EndedSessionsAnswer))]
[JsonSerializable(typeof(TwoStepSecretAnswer))]
[JsonSerializable(typeof(TwoStepCodeRequest))]
[JsonSerializable(typeof(RecoveryCodesAnswer))]
[JsonSerializable(typeof(OwnAccountView))]
[JsonSerializable(typeof(AccountView))]
[JsonSerializable(typeof(Listing<AccountView>))]
[JsonSerializable(typeof(NewAccountRequest))]
[JsonSerializable(typeof(AccountChange))]
[JsonSerializable(typeof(DeletionView))]
[JsonSerializable(typeof(DeleteAccountRequest))]
[JsonSerializable(typeof(PasswordChangeRequest))]
[JsonSerializable(typeof(PasswordResetRequest))]
[JsonSerializable(typeof(LetterPasswordRequest))]
[JsonSerializable(typeof(EmailChangeRequest))]
[JsonSerializable(typeof(LetterRequest))]
[JsonSerializable(typeof(NextAnswer))]
[JsonSerializable(typeof(SignUpView))]
[JsonSerializable(typeof(SignUpRequest))]
[JsonSerializable(typeof(InvitationRequest))]
[JsonSerializable(typeof(InvitationView))]
[JsonSerializable(typeof(Listing<InvitationView>))]
[JsonSerializable(typeof(NewInvitationAnswer))]
public sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>How deep a body may nest.</summary>
    public const int MaxDepth = 32;
}
