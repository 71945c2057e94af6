using Leftover.Tensors;

namespace Leftover.Models.Layers;

/// <summary>The activation functions of config files, by the names Transformers gives them.</summary>
internal static class Activation
{
    private static readonly Dictionary<string, Func<Tensor, Tensor>> s_known = new(StringComparer.Ordinal)
    {
        ["gelu"] = x => x.Gelu(tanh: false),
        ["gelu_python"] = x => x.Gelu(tanh: false),
        ["gelu_new"] = x => x.Gelu(tanh: true),
        ["gelu_pytorch_tanh"] = x => x.Gelu(tanh: true),
        ["gelu_fast"] = x => x.Gelu(tanh: true),                    // the same formula, its constants multiplied out
        ["silu"] = x => x.Silu(),
        ["swish"] = x => x.Silu(),
        ["relu"] = x => x.Maximum(0),
        ["tanh"] = x => x.Tanh(),
    };

    /// <summary>The function of that name.</summary>
    public static Func<Tensor, Tensor> Named(string name) => s_known[name];

    /// <summary>Reads an activation's name and refuses one that is not known.</summary>
    public static string Read(ConfigReader config, string key, string fallback)
    {
        string name = config.Text(key, fallback);
        if (s_known.ContainsKey(name)) return name;
        config.Problem(key, $"is \"{name}\", which is not supported. Known: {string.Join(", ", s_known.Keys)}.");
        return fallback;
    }
}
