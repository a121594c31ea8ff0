namespace Coffre.Cli.Completing;

/// <summary>What each shell has to be told, so that it asks <c>coffre complete</c> at every tabulator.</summary>
internal static class CompletionScripts
{
    /// <summary>The shells.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["bash"] = Bash,
        ["fish"] = Fish,
        ["powershell"] = PowerShell,
        ["zsh"] = Zsh,
    };

    // Bash breaks words at ':' and '='. They are put together again, and what stands before the last break is taken off the proposals.
    private const string Bash = """
        # coffre completion bash
        _coffre() {
            local rest=${COMP_LINE:0:COMP_POINT} words=() i word
            for ((i = 0; i <= COMP_CWORD; i++)); do
                word=${COMP_WORDS[i]}
                if [[ $i -eq 0 || $rest == [[:space:]]* ]]; then words+=("$word"); else words[${#words[@]}-1]+=$word; fi
                rest=${rest#"${rest%%[![:space:]]*}"}
                rest=${rest#"$word"}
            done
            for i in "${!words[@]}"; do
                word=${words[i]//\\/}
                word=${word#[\"\']}
                words[i]=${word%[\"\']}
            done
            local cur=${words[${#words[@]}-1]} before=""
            [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]] && before=${cur%"${cur##*:}"}
            [[ $cur == *=* && $COMP_WORDBREAKS == *=* ]] && before=${cur%"${cur##*=}"}
            COMPREPLY=()
            while IFS=$'\t' read -r word _; do
                [[ -n $word ]] && COMPREPLY+=("$(printf '%q' "${word#"$before"}")")
            done < <("${words[0]}" complete -- "${words[@]:1}" 2> /dev/null)
            if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then compopt -o nospace 2> /dev/null; fi
        }
        complete -o default -F _coffre coffre
        """;

    private const string Zsh = """
        #compdef coffre
        # coffre completion zsh
        _coffre() {
            local -a found whole folders
            local line text
            found=("${(@f)$(${(Q)words[1]} complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2> /dev/null)}")
            for line in $found; do
                text=${line%%$'\t'*}
                [[ -z $text ]] && continue
                if [[ $text == */ ]]; then folders+=("$text"); else whole+=("$text"); fi
            done
            (( ${#folders} )) && compadd -S '' -- "${folders[@]}"
            (( ${#whole} )) && compadd -- "${whole[@]}"
            (( ${#folders} + ${#whole} )) || _files
        }
        if [[ $funcstack[1] == _coffre ]]; then _coffre "$@"; elif (( $+functions[compdef] )); then compdef _coffre coffre; fi
        """;

    private const string Fish = """
        # coffre completion fish
        function __coffre_complete
            set -l words (commandline -opc)
            set -l program $words[1]
            set -e words[1]
            set -l cur (commandline -ct)
            set -l plain (string unescape -- "$cur")
            set -l found ($program complete -- $words "$plain" 2> /dev/null)
            if test (count $found) -gt 0
                printf '%s\n' $found
            else
                __fish_complete_path "$cur"
            end
        end
        complete -c coffre -f -a '(__coffre_complete)'
        """;

    // PowerShell takes four other characters for the quote as well.
    private const string PowerShell = """
        # coffre completion powershell
        Register-ArgumentCompleter -Native -CommandName coffre -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString().Trim("'", '"') })
            $before = @($words | Select-Object -Skip 1)
            & $words[0] complete '--' @before $wordToComplete.Trim("'", '"') 2> $null | ForEach-Object {
                $parts = $_ -split "`t", 2
                $text = if ($parts[0] -match '^[\w./:\\-]+$') { $parts[0] } else { "'" + ($parts[0] -replace "['\u2018\u2019\u201A\u201B]", '$0$0') + "'" }
                $about = if ($parts.Count -gt 1 -and $parts[1]) { $parts[1] } else { $parts[0] }
                [System.Management.Automation.CompletionResult]::new($text, $parts[0], 'ParameterValue', $about)
            }
        }
        """;
}
