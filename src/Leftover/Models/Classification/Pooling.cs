using System.Text.Json.Serialization;

namespace Leftover.Models.Classification;

/// <summary>Which of a text's states a classification head sees.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Pooling>))]
public enum Pooling
{
    /// <summary>What the model's folder says: the mean for sentence encoders, else the first token of encoders and the last of causal models.</summary>
    [JsonStringEnumMemberName("auto")] Auto,

    /// <summary>The first token's, which encoders keep for it ([CLS], &lt;s&gt;).</summary>
    [JsonStringEnumMemberName("first")] First,

    /// <summary>The mean of all tokens' states.</summary>
    [JsonStringEnumMemberName("mean")] Mean,

    /// <summary>The last token's that is no padding: the only one of a causal model that has seen the whole text.</summary>
    [JsonStringEnumMemberName("last")] Last,
}
