using Leftover.Data;
using Leftover.Tokenization.Pipeline;

namespace Leftover.Tokenization.Files;

/// <summary>Reads GPT-2's layout: a JSON file of tokens and ids, and a text file with one merge a line.</summary>
internal static class VocabularyAndMerges
{
    private const string EndOfText = "<|endoftext|>";

    public static PipelineTokenizer Read(string vocabularyFile, string mergesFile, TokenizerSettings settings)
    {
        Vocabulary vocabulary = ModelReader.VocabularyOf(JsonPart.Parse(TokenizerFiles.ReadText(vocabularyFile), vocabularyFile));
        var model = BpeModel.FromMerges(vocabulary, Merges(vocabulary, mergesFile), new BpeOptions());
        if (settings.EndOfSequence is null && vocabulary.IdOf(EndOfText) >= 0)
            settings = settings with { BeginOfSequence = settings.BeginOfSequence ?? EndOfText, EndOfSequence = EndOfText, Unknown = settings.Unknown ?? EndOfText };

        return new PipelineTokenizer(ByteLevelLayout.Of(model, SpecialTokens(vocabulary, settings), settings, vocabularyFile), settings);
    }

    private static List<(int, int, int)> Merges(Vocabulary vocabulary, string file)
    {
        var merges = new List<(int, int, int)>();
        int number = 0;
        foreach (string line in TokenizerFiles.ReadText(file).Split('\n'))
        {
            number++;
            string merge = line.TrimEnd('\r');
            if (merge.Length == 0 || (number == 1 && merge.StartsWith("#version", StringComparison.Ordinal))) continue;
            int blank = merge.IndexOf(' ');
            if (blank < 1 || blank == merge.Length - 1 || merge.IndexOf(' ', blank + 1) >= 0)
                throw new DataException($"{file}({number}): \"{merge}\" is no merge; a merge is two tokens with one blank between.");
            int left = vocabulary.IdOf(merge.AsSpan(0, blank)), right = vocabulary.IdOf(merge.AsSpan(blank + 1));
            int merged = vocabulary.IdOf(string.Concat(merge.AsSpan(0, blank), merge.AsSpan(blank + 1)));
            if (left < 0 || right < 0 || merged < 0)
                throw new DataException($"{file}({number}): \"{merge}\" merges tokens that the vocabulary beside it does not hold; the two files must belong together.");
            merges.Add((left, right, merged));
        }
        return merges;
    }

    private static List<AddedToken> SpecialTokens(Vocabulary vocabulary, TokenizerSettings settings)
    {
        List<AddedToken> tokens = [.. settings.AddedTokens];
        foreach (string? name in (string?[])[settings.BeginOfSequence, settings.EndOfSequence, settings.Unknown, settings.Pad])
        {
            if (name is null || tokens.Exists(token => token.Content == name)) continue;
            int id = vocabulary.IdOf(name);
            if (id >= 0) tokens.Add(new AddedToken(id, name, Special: true));
        }
        return tokens;
    }
}
