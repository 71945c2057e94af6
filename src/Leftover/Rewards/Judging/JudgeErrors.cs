namespace Leftover.Rewards.Judging;

/// <summary>Thrown where a judge may not be asked any more: its budget is used.</summary>
internal sealed class BudgetException(string message) : Exception(message);

/// <summary>Thrown where a judge cannot be asked at all: it is not there, refuses the key, or fails again and again.</summary>
internal sealed class JudgeException(string message) : Exception(message);

/// <summary>Thrown where one question has no answer, and others may have.</summary>
internal sealed class QuestionException(string message) : Exception(message);
