using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Leftover.Cli.Arguments;

/// <summary>Makes flags whose values are checked where they are read.</summary>
internal static class Flag
{
    /// <summary>A flag that is there or not.</summary>
    public static Option<bool> Switch(string name, string help) => new("--" + name) { Description = help };

    /// <summary>A flag with a text.</summary>
    public static Option<string?> Text(string name, string placeholder, string help, params string[] aliases) =>
        new("--" + name, [.. aliases.Select(alias => "--" + alias)]) { Description = help, HelpName = placeholder };

    /// <summary>A flag with a whole number in [<paramref name="least"/>, <paramref name="most"/>].</summary>
    public static Option<int?> Whole(string name, string help, int least, int most = int.MaxValue, params string[] aliases) =>
        Number<int>(name, "N", help, "a whole number", NumberStyles.AllowLeadingSign, least, most, most == int.MaxValue, aliases);

    /// <summary>A flag with a long whole number.</summary>
    public static Option<long?> Long(string name, string help) =>
        Number(name, "N", help, "a whole number", NumberStyles.AllowLeadingSign, long.MinValue, long.MaxValue, true, []);

    /// <summary>A flag with a number in [<paramref name="least"/>, <paramref name="most"/>].</summary>
    public static Option<float?> Real(string name, string help, float least, float most = float.MaxValue, params string[] aliases) =>
        Number<float>(name, "X", help, "a number", NumberStyles.Float, least, most, most == float.MaxValue, aliases);

    /// <summary>A flag with one of a few names.</summary>
    public static Option<T?> Choice<T>(string name, string help, params (string Name, T Value)[] choices) where T : struct
    {
        string known = string.Join(", ", choices.Select(choice => choice.Name));
        return new Option<T?>("--" + name)
        {
            Description = help,
            HelpName = string.Join('|', choices.Select(choice => choice.Name)),
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                foreach ((string choice, T value) in choices)
                {
                    if (choice.Equals(text, StringComparison.OrdinalIgnoreCase)) return value;
                }
                result.AddError($"--{name} is '{text}'; it must be one of {known}.");
                return null;
            },
        };
    }

    private static Option<T?> Number<T>(string name, string placeholder, string help, string kind, NumberStyles style, T least, T most, bool open, string[] aliases)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        string range = least == T.MinValue ? "" : open ? $" of at least {least}" : $" from {least} to {most}";
        return new Option<T?>("--" + name, [.. aliases.Select(alias => "--" + alias)])
        {
            Description = help,
            HelpName = placeholder,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (T.TryParse(text, style, CultureInfo.InvariantCulture, out T number) && number >= least && number <= most) return number;
                result.AddError($"--{name} is '{text}'; it must be {kind}{range}.");
                return null;
            },
        };
    }
}
