namespace Leftover.Tensors.Gguf;

/// <summary>Reads metadata values: numbers and texts as their .NET types, arrays as typed arrays, arrays of arrays as <c>object[]</c>.</summary>
internal static class GgufMetadata
{
    private const int DeepestArray = 32;
    private const uint ArrayType = 9;

    /// <summary>One value of the type given by its number in the file.</summary>
    public static object ReadValue(GgufCursor cursor, uint type, string key, int depth = 0) => type switch
    {
        0 => cursor.U8(key),
        1 => (sbyte)cursor.U8(key),
        2 => cursor.U16(key),
        3 => (short)cursor.U16(key),
        4 => cursor.U32(key),
        5 => (int)cursor.U32(key),
        6 => BitConverter.UInt32BitsToSingle(cursor.U32(key)),
        7 => ReadBool(cursor, key),
        8 => cursor.Text(key),
        ArrayType => ReadArray(cursor, key, depth),
        10 => cursor.U64(key),
        11 => (long)cursor.U64(key),
        12 => BitConverter.UInt64BitsToDouble(cursor.U64(key)),
        _ => throw UnknownType(cursor, type, key),
    };

    private static Array ReadArray(GgufCursor cursor, string key, int depth)
    {
        long start = cursor.Position;
        if (depth == DeepestArray) throw cursor.Bad(start, $"'{key}' has arrays nested more than {DeepestArray} deep");
        uint type = cursor.U32(key);
        string what = $"the length of the array '{key}'";
        switch (type)
        {
            case 0: return Numbers<byte>(1);
            case 1: return Numbers<sbyte>(1);
            case 2: return Numbers<ushort>(2);
            case 3: return Numbers<short>(2);
            case 4: return Numbers<uint>(4);
            case 5: return Numbers<int>(4);
            case 6: return Numbers<float>(4);
            case 10: return Numbers<ulong>(8);
            case 11: return Numbers<long>(8);
            case 12: return Numbers<double>(8);
            case 7: return Each(cursor.Count(what, 1), () => ReadBool(cursor, key));
            case 8: return Each(cursor.Count(what, 8), () => cursor.Text(key));
            case ArrayType: return Each<object>(cursor.Count(what, 12), () => ReadArray(cursor, key, depth + 1));
            default: throw UnknownType(cursor, type, key);
        }

        T[] Numbers<T>(int bytes) where T : unmanaged
        {
            T[] numbers = new T[cursor.Count(what, bytes)];
            cursor.Numbers(numbers, key);
            return numbers;
        }
    }

    private static T[] Each<T>(int count, Func<T> read)
    {
        T[] items = new T[count];
        for (int i = 0; i < count; i++) items[i] = read();
        return items;
    }

    private static bool ReadBool(GgufCursor cursor, string key)
    {
        byte value = cursor.U8(key);
        if (value > 1) throw cursor.Bad(cursor.Position - 1, $"the bool '{key}' is {value}; it must be 0 or 1");
        return value == 1;
    }

    private static InvalidDataException UnknownType(GgufCursor cursor, uint type, string key) =>
        cursor.Bad(cursor.Position, $"'{key}' has the unknown value type {type}; known are 0 to 12");
}
