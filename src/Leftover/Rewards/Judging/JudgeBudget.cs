using System.Globalization;
using Leftover.Data;

namespace Leftover.Rewards.Judging;

/// <summary>Counts what a judge has cost in this run, and refuses the request that would cost more than it may.</summary>
/// <remarks>What a request will take is not known before its answer: it is reserved by the length of its text and the longest answer.</remarks>
internal sealed class JudgeBudget(JudgeReward settings)
{
    private const double Million = 1e6;

    private readonly Lock _lock = new();
    private long _requests, _input, _output, _reservedInput, _reservedOutput;

    /// <summary>What was used so far, for a message.</summary>
    public string Used
    {
        get
        {
            lock (_lock)
            {
                string cost = settings.InputPrice > 0 || settings.OutputPrice > 0 ? $", cost {Number(Cost(_input, _output))}" : "";
                return $"{Number(_requests)} {(_requests == 1 ? "request" : "requests")}, {Number(_input + _output)} tokens{cost}";
            }
        }
    }

    /// <summary>Requests sent so far.</summary>
    public long Requests
    {
        get
        {
            lock (_lock) return _requests;
        }
    }

    /// <summary>Takes a request out of the budget.</summary>
    /// <exception cref="BudgetException">The budget does not hold it.</exception>
    public void Reserve(long input, long output)
    {
        lock (_lock)
        {
            long tokens = _input + _output + _reservedInput + _reservedOutput + input + output;
            double cost = Cost(_input + _reservedInput + input, _output + _reservedOutput + output);
            if (_requests >= settings.MaxRequests) throw Spent("max_requests", Number(settings.MaxRequests.Value));
            if (tokens > settings.MaxTokens) throw Spent("max_tokens", Number(settings.MaxTokens.Value));
            if (cost > settings.MaxCost) throw Spent("max_cost", Number(settings.MaxCost.Value));
            _requests++;
            _reservedInput += input;
            _reservedOutput += output;
        }
    }

    /// <summary>Puts what a request took in the place of what was reserved for it.</summary>
    public void Settle(long reservedInput, long reservedOutput, long input, long output)
    {
        lock (_lock)
        {
            _reservedInput -= reservedInput;
            _reservedOutput -= reservedOutput;
            _input += input;
            _output += output;
        }
    }

    private BudgetException Spent(string key, string limit) =>
        new($"The judge '{settings.Name}' has used its budget of this run, {key} {limit}: {Used}, and the next request might go beyond it. Raise {key}, or run again: each run has the budget anew, and answers that are kept cost nothing.");

    private double Cost(long input, long output) => input / Million * settings.InputPrice + output / Million * settings.OutputPrice;

    private static string Number(double value) => value.ToString("#,0.######", CultureInfo.InvariantCulture);
}
