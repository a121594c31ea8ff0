using System.Text;

namespace Coffre.Tests.Cli;

/// <summary>Changes what a service says in JSON, on its way to the command.</summary>
/// <param name="inner">Reaches the service.</param>
/// <param name="edit">Gets the path that was asked and the answer.</param>
internal sealed class AnswerEditor(HttpMessageHandler inner, Func<string, string, string> edit) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        if (answer.Content.Headers.ContentType?.MediaType is "application/json")
        {
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            answer.Content = new StringContent(edit(request.RequestUri!.AbsolutePath, text), Encoding.UTF8, "application/json");
        }

        return answer;
    }
}
