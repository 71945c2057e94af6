using Leftover.Tensors.Kernels;
using Leftover.Tensors.Optimizers;

namespace Leftover.Tensors.Tests.Optimizers;

[Collection("thread team")]
public sealed class AdamWTests
{
    [Fact]
    public void The_first_update_moves_each_weight_by_the_rate_against_its_gradients_sign()
    {
        using WeightSet weights = Weights(("w", 1, 2, true));
        Fill(weights, [1, 1], [0.5f, -3]);
        using var optimizer = new AdamW(weights);
        optimizer.Update(0.1f);
        Assert.Equal(0.9f, weights["w"].Tensor.Data[0], 1e-6f);
        Assert.Equal(1.1f, weights["w"].Tensor.Data[1], 1e-6f);
    }

    [Fact]
    public void Matrices_decay_and_vectors_do_not()
    {
        using WeightSet weights = Weights(("bias", 1, 3, true), ("matrix", 3, 3, false));
        Fill(weights, Enumerable.Repeat(2f, 12), Enumerable.Repeat(0f, 12));
        using var optimizer = new AdamW(weights, new AdamWOptions { WeightDecay = 0.5 });
        optimizer.Update(0.1f);
        Assert.All(weights["bias"].Tensor.Data.ToArray(), w => Assert.Equal(2f, w));
        Assert.All(weights["matrix"].Tensor.Data.ToArray(), w => Assert.Equal(2f * 0.95f, w, 1e-6f));      // 1 − 0.1 · 0.5
    }

    [Fact]
    public void Vectors_decay_where_the_options_say_so()
    {
        using WeightSet weights = Weights(("bias", 1, 3, true));
        Fill(weights, [2, 2, 2], [0, 0, 0]);
        using var optimizer = new AdamW(weights, new AdamWOptions { WeightDecay = 0.5, DecayVectors = true });
        optimizer.Update(0.1f);
        Assert.All(weights["bias"].Tensor.Data.ToArray(), w => Assert.Equal(1.9f, w, 1e-6f));
    }

    [Fact]
    public void A_scale_of_the_gradients_is_the_same_bits_as_gradients_scaled_before()
    {
        const int Count = 7 * 13 + 5;
        var random = new RandomStream(1, "scale");
        float[] w = [.. Enumerable.Range(0, Count).Select(_ => (float)random.NextNormal())], g = [.. Enumerable.Range(0, Count).Select(_ => (float)random.NextNormal())];
        using WeightSet one = Weights(("matrix", 7, 13, false), ("bias", 1, 5, true)), other = Weights(("matrix", 7, 13, false), ("bias", 1, 5, true));
        Fill(one, w, g);
        Fill(other, w, g);
        using AdamW first = new(one), second = new(other);
        double norm = GradientClipper.Norm(one);
        Assert.Equal(norm, GradientClipper.Clip(other, maxNorm: 0.7));
        first.Update(0.1f, GradientClipper.Factor(norm, maxNorm: 0.7));
        second.Update(0.1f);
        foreach (Weight weight in one.Weights)
        {
            Assert.Equal(other[weight.Name].Tensor.Data.ToArray(), weight.Tensor.Data.ToArray());
            Assert.Equal(second.SecondMoment(other[weight.Name]).ToArray(), first.SecondMoment(weight).ToArray());
        }
    }

    [Fact]
    public void Ten_updates_agree_with_the_formula_in_double_precision()
    {
        var random = new RandomStream(1, "adamw");
        const int Count = 7 * 13 + 5;
        var options = new AdamWOptions { Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-4, WeightDecay = 0.1 };
        using WeightSet weights = Weights(("matrix", 7, 13, false), ("bias", 1, 5, true));
        double[] w = [.. Enumerable.Range(0, Count).Select(_ => (double)(float)random.NextNormal())], m = new double[Count], v = new double[Count];
        Fill(weights, w.Select(x => (float)x), new float[Count]);
        using var optimizer = new AdamW(weights, options);
        for (int t = 1; t <= 10; t++)
        {
            float[] g = [.. Enumerable.Range(0, Count).Select(_ => (float)random.NextNormal())];
            weights.ClearGradients();
            Fill(weights, null, g);
            double rate = 0.01 * t;
            optimizer.Update((float)rate);
            for (int i = 0; i < Count; i++)
            {
                if (i < 7 * 13) w[i] -= rate * options.WeightDecay * w[i];
                m[i] = options.Beta1 * m[i] + (1 - options.Beta1) * g[i];
                v[i] = options.Beta2 * v[i] + (1 - options.Beta2) * g[i] * g[i];
                w[i] -= rate * (m[i] / (1 - Math.Pow(options.Beta1, t))) / (Math.Sqrt(v[i] / (1 - Math.Pow(options.Beta2, t))) + options.Epsilon);
            }
        }
        float[] actual = [.. weights.Weights.SelectMany(weight => weight.Tensor.Data.ToArray())];
        for (int i = 0; i < Count; i++) Assert.Equal(w[i], actual[i], 2e-6);
    }

    [Fact]
    public void A_gradient_that_nothing_was_added_to_counts_as_zero()
    {
        using WeightSet weights = Weights(("used", 1, 2, true), ("unused", 1, 2, true));
        Fill(weights, [1, 1, 1, 1], [1, 1, 1, 1]);
        weights.ClearGradients();
        weights["used"].Tensor.Gradient.Fill(1);
        using var optimizer = new AdamW(weights);
        optimizer.Update(0.1f);
        Assert.Equal([1f, 1f], weights["unused"].Tensor.Data.ToArray());
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        float[] expected = [];
        int before = ThreadTeam.Shared.Size;
        try
        {
            foreach (int threads in new[] { 1, 2, 3 })
            {
                ThreadTeam.Resize(threads);
                using WeightSet weights = Weights(("a", 301, 777, false), ("b", 1, 33, true), ("c", 100, 501, false));
                var random = new RandomStream(2, "adamw");
                int count = (int)weights.Count;
                Fill(weights, Enumerable.Range(0, count).Select(_ => (float)random.NextNormal()), Enumerable.Range(0, count).Select(_ => (float)random.NextNormal()));
                using var optimizer = new AdamW(weights, new AdamWOptions { WeightDecay = 0.1 });
                double norm = GradientClipper.Clip(weights, 1);
                optimizer.Update(0.1f);
                float[] actual = [(float)norm, .. weights.Weights.SelectMany(weight => weight.Tensor.Data.ToArray())];
                if (threads == 1) expected = actual;
                Assert.Equal(expected, actual);
            }
        }
        finally { ThreadTeam.Resize(before); }
    }

    [Fact]
    public void A_saved_state_goes_on_with_the_same_bits()
    {
        string path = Path.Combine(Path.GetTempPath(), $"adamw-{Guid.NewGuid():N}.safetensors");
        try
        {
            float[] whole = Run(path, steps: 4, save: 2, load: null), continued = Run(path, steps: 4, save: null, load: 2);
            Assert.Equal(whole, continued);
        }
        finally { File.Delete(path); }
    }

    [Fact]
    public void Another_models_state_is_refused_by_name()
    {
        string path = Path.Combine(Path.GetTempPath(), $"adamw-{Guid.NewGuid():N}.safetensors");
        try
        {
            using WeightSet small = Weights(("w", 2, 3, false)), large = Weights(("w", 2, 4, false));
            using var saved = new AdamW(small);
            saved.Save(path);
            using var other = new AdamW(large);
            InvalidDataException e = Assert.Throws<InvalidDataException>(() => other.Load(path));
            Assert.Contains("exp_avg.w", e.Message);
            Assert.Contains("[2, 3]", e.Message);
        }
        finally { File.Delete(path); }
    }

    [Theory]
    [InlineData(1.0, 0.999, 1e-8, 0.0)]
    [InlineData(0.9, 1.5, 1e-8, 0.0)]
    [InlineData(0.9, 0.999, 0.0, 0.0)]
    [InlineData(0.9, 0.999, 1e-8, -1.0)]
    [InlineData(0.9, double.NaN, 1e-8, 0.0)]
    public void Constants_out_of_range_are_refused(double beta1, double beta2, double epsilon, double decay)
    {
        using WeightSet weights = Weights(("w", 1, 1, true));
        Assert.Throws<ArgumentException>(() => new AdamW(weights, new AdamWOptions { Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon, WeightDecay = decay }));
    }

    // Weights of steps 1 to `steps`; the state is saved after step `save`, or the run begins from it after step `load`.
    private static float[] Run(string path, int steps, int? save, int? load)
    {
        using WeightSet weights = Weights(("matrix", 5, 7, false), ("bias", 1, 3, true));
        using var optimizer = new AdamW(weights, new AdamWOptions { WeightDecay = 0.01 });
        float[] start = Enumerable.Range(0, 38).Select(i => i * 0.1f).ToArray();
        if (load is { })
        {
            optimizer.Load(path);
            start = File.ReadAllText(path + ".weights").Split(' ').Select(text => float.Parse(text, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            File.Delete(path + ".weights");
        }
        Fill(weights, start, new float[38]);
        for (int step = 1 + (load ?? 0); step <= steps; step++)
        {
            var random = new RandomStream(step, "gradient");
            Fill(weights, null, Enumerable.Range(0, 38).Select(_ => (float)random.NextNormal()));
            optimizer.Update(0.05f);
            if (step != save) continue;
            optimizer.Save(path);
            File.WriteAllText(path + ".weights", string.Join(' ', weights.Weights.SelectMany(w => w.Tensor.Data.ToArray()).Select(w => w.ToString("R", System.Globalization.CultureInfo.InvariantCulture))));
        }
        return [.. weights.Weights.SelectMany(w => w.Tensor.Data.ToArray())];
    }

    internal static WeightSet Weights(params (string Name, int Rows, int Columns, bool Vector)[] shapes)
    {
        var set = new WeightSet();
        foreach ((string name, int rows, int columns, bool vector) in shapes)
            _ = vector ? set.Root.Vector(name, columns) : set.Root.Matrix(name, rows, columns);
        set.Allocate(trainable: true);
        return set;
    }

    internal static void Fill(WeightSet weights, IEnumerable<float>? values, IEnumerable<float> gradients)
    {
        float[]? from = values?.ToArray();
        float[] by = gradients.ToArray();
        int at = 0;
        foreach (Weight weight in weights.Weights)
        {
            from?.AsSpan(at, weight.Tensor.Length).CopyTo(weight.Tensor.Data);
            by.AsSpan(at, weight.Tensor.Length).CopyTo(weight.Tensor.Gradient);
            at += weight.Tensor.Length;
        }
    }
}
