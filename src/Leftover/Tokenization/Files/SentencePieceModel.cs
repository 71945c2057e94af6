using Google.Protobuf;
using Leftover.Data;

namespace Leftover.Tokenization.Files;

/// <summary>What a piece is for; the numbers are those of the file format.</summary>
internal enum PieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>A token of a SentencePiece model.</summary>
/// <param name="Text">Its text, with U+2581 for a blank.</param>
/// <param name="Score">The higher, the earlier it is merged.</param>
/// <param name="Kind">What it is for.</param>
internal readonly record struct SentencePiece(string Text, float Score, PieceKind Kind);

/// <summary>The contents of a tokenizer.model: a protocol buffer of SentencePiece's ModelProto.</summary>
internal sealed class SentencePieceModel
{
    public const int Unigram = 1, Bpe = 2;

    public List<SentencePiece> Pieces { get; } = [];

    /// <summary>1 unigram, 2 BPE, 3 word, 4 character.</summary>
    public int ModelType { get; private set; } = Unigram;

    public bool ByteFallback { get; private set; }

    public bool BlankAsSuffix { get; private set; }

    public int BeginId { get; private set; } = 1;

    public int EndId { get; private set; } = 2;

    public int PadId { get; private set; } = -1;

    /// <summary>What an unknown token reads as.</summary>
    public string UnknownSurface { get; private set; } = " \u2047 ";

    /// <summary>Compiled rules that rewrite characters; empty for none.</summary>
    public byte[] CharacterMap { get; private set; } = [];

    /// <summary>Whether a blank is put in front of a text.</summary>
    public bool AddsDummyPrefix { get; private set; } = true;

    /// <summary>Whether blanks at the ends and repeated blanks are dropped.</summary>
    public bool RemovesExtraBlanks { get; private set; } = true;

    public bool EscapesBlanks { get; private set; } = true;

    /// <exception cref="DataException">The bytes are no such protocol buffer, or it holds no pieces.</exception>
    public static SentencePieceModel Read(byte[] bytes, string file)
    {
        var model = new SentencePieceModel();
        var input = new CodedInputStream(bytes);
        try
        {
            Fields(input, (field, stream) =>
            {
                if (field == 1) model.Pieces.Add(ReadPiece(Nested(stream)));
                else if (field == 2) Fields(Nested(stream), model.ReadTrainer);
                else if (field == 3) Fields(Nested(stream), model.ReadNormalizer);
                else return false;
                return true;
            });
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new DataException($"{file}: broken at byte {input.Position} of {bytes.Length}: {error.Message} It must be a SentencePiece model; copy or download it again.", error);
        }
        if (model.Pieces.Count == 0) throw new DataException($"{file}: holds no pieces; it must be a SentencePiece model.");
        return model;
    }

    private static SentencePiece ReadPiece(CodedInputStream stream)
    {
        (string text, float score, int kind) = ("", 0f, 1);
        Fields(stream, (field, input) =>
        {
            if (field == 1) text = input.ReadString();
            else if (field == 2) score = input.ReadFloat();
            else if (field == 3) kind = input.ReadEnum();
            else return false;
            return true;
        });
        return new SentencePiece(text, score, (PieceKind)kind);
    }

    private bool ReadTrainer(uint field, CodedInputStream input)
    {
        switch (field)
        {
            case 3: ModelType = input.ReadEnum(); return true;
            case 24: BlankAsSuffix = input.ReadBool(); return true;
            case 35: ByteFallback = input.ReadBool(); return true;
            case 41: BeginId = input.ReadInt32(); return true;
            case 42: EndId = input.ReadInt32(); return true;
            case 43: PadId = input.ReadInt32(); return true;
            case 44: UnknownSurface = input.ReadString(); return true;
            default: return false;
        }
    }

    private bool ReadNormalizer(uint field, CodedInputStream input)
    {
        switch (field)
        {
            case 2: CharacterMap = input.ReadBytes().ToByteArray(); return true;
            case 3: AddsDummyPrefix = input.ReadBool(); return true;
            case 4: RemovesExtraBlanks = input.ReadBool(); return true;
            case 5: EscapesBlanks = input.ReadBool(); return true;
            default: return false;
        }
    }

    private static CodedInputStream Nested(CodedInputStream input) => new(input.ReadBytes().ToByteArray());

    private static void Fields(CodedInputStream input, Func<uint, CodedInputStream, bool> read)
    {
        while (input.ReadTag() is > 0 and uint tag)
            if (!read(tag >> 3, input)) input.SkipLastField();
    }
}
