using System.Globalization;
using Leftover.Tensors;

namespace Leftover.Data;

/// <summary>Writes the log of a small, invented help desk: customers' messages, and replies of mixed quality that somebody or something gave.</summary>
/// <remarks>
/// A message names a customer, a matter and mostly an order number; a good reply greets the customer, repeats the right number or asks for it,
/// speaks of the matter and is short. A share of the replies names a wrong number, is rude, speaks of something else, or does not end. No message
/// occurs twice, so held-out messages are new: new numbers, and new pairs of name and matter. Rewards are not written: the
/// reward stage scores the replies as it scores anybody's.
/// </remarks>
public sealed class HelpDeskLog
{
    private static readonly string[] s_names =
    [
        "Ada", "Ali", "Amy", "Anna", "Ben", "Carla", "Chen", "Clara", "Dan", "Diego", "Elif", "Emma", "Eva", "Finn", "Grace", "Hana", "Hugo", "Ines",
        "Ivan", "Jack", "Jana", "Jonas", "Kofi", "Lars", "Lea", "Leo", "Lina", "Lucy", "Marco", "Maria", "Max", "Maya", "Mia", "Nadia", "Nils", "Noah",
        "Nora", "Olga", "Omar", "Otto", "Paul", "Peter", "Rita", "Rosa", "Ruth", "Sam", "Sara", "Sofia", "Tariq", "Tom", "Uma", "Vera", "Wei", "Yuki", "Zoe",
    ];

    // {0} the name, {1} the order number. The matter's own word stands in every message and in every reply that is to the point.
    private static readonly Matter[] s_matters =
    [
        new("delivery",
            ["Hi, {0} here. When is the delivery of order {1}?", "My delivery is late. It is order {1}. Regards, {0}", "I am {0}. Where is the delivery for order {1}?"],
            ["the delivery of order {1} will reach you on Friday.", "the delivery of order {1} is on its way to you.", "we checked the delivery of order {1}, and it comes tomorrow."]),
        new("refund",
            ["Hello, I am {0}. I want a refund for order {1}.", "My order {1} was wrong. Can I get a refund? {0}", "{0} here, how long does the refund for order {1} take?"],
            ["the refund for order {1} is on its way to your bank.", "we have started the refund for order {1} today.", "the refund for order {1} takes three days."]),
        new("address",
            ["Please change the address of order {1}. My name is {0}.", "I am {0} and I moved. New address for order {1}?", "Wrong address on order {1}! Thanks, {0}"],
            ["we will change the address of order {1} for you.", "the address of order {1} can be changed in your account.", "tell us the new address and we will update order {1}."]),
        new("invoice",
            ["{0} here. I need the invoice for order {1}.", "Can you send the invoice of order {1}? Yours, {0}", "There is no invoice in order {1}. I am {0}."],
            ["the invoice for order {1} is in your mail now.", "we have sent the invoice for order {1} again.", "you will find the invoice for order {1} in your account."]),
        new("return",
            ["How can I return order {1}? {0}", "I am {0}, I want to return order {1}.", "The shoes do not fit. Can I return order {1}? Best, {0}"],
            ["you can return order {1} within thirty days.", "the label to return order {1} is in your mail.", "to return order {1}, bring it to any post office."]),
        new("password",
            ["I lost my password and cannot see order {1}. {0}", "Hi, this is {0}. A new password please, for order {1}.", "My password fails when I open order {1}. I am {0}."],
            ["we sent you a new password, so you can see order {1}.", "with the new password in your mail you can open order {1}.", "please reset your password to see order {1}."]),
    ];

    // A message in four names no order: nothing can be looked up, a good reply asks for the number, and no reply earns what naming it earns.
    private const double NumberlessShare = 0.25;
    private static readonly string[] s_numberlessMessages =
        ["{0} here. I have a question about the {2}.", "Can you help me with the {2}? Regards, {0}", "I am {0}. Who can tell me about the {2}?", "Hi, it is {0}. What about the {2}?"];
    private static readonly string[] s_numberlessReplies =
        ["please send us your order number, and we will look at the {2}.", "to check the {2} we need the number of your order.", "about the {2}: which order is it?"];

    private static readonly string[] s_greetings = ["Hello {0}, thank you for writing:", "Dear {0}, thanks for your message:", "Hi {0}, we are happy to help:"];
    private static readonly string[] s_insults =
    [
        "{0}, stop this stupid whining. The {2} is your own silly fault.", "What a dumb question, {0}. We hate you and your {2}.", "Go away, {0}. Your {2} is an annoying waste.",
    ];
    private static readonly string[] s_strays =
    [
        "Our new garden chairs are made of solid oak.", "The weather in the city is nice this week.", "Did you know that we also sell bicycles and helmets?",
    ];
    private static readonly string[] s_padding =
    [
        " In general our company has a long history and many shops in many towns.", " As we always say, every day is a new day and every parcel is a new parcel.",
        " Also there are many other things that one could say about this topic and about others.",
    ];

    /// <summary>Messages with replies, for training; ≥ 1. Default 5000.</summary>
    public int TrainPrompts { get; init; } = 5000;

    /// <summary>Replies to each message in the log; ≥ 1. Default 1.</summary>
    public int RepliesPerPrompt { get; init; } = 1;

    /// <summary>Messages for the value estimate and the choice of checkpoints; ≥ 1. Default 160.</summary>
    public int ValidationPrompts { get; init; } = 160;

    /// <summary>Messages that only the evaluation sees; ≥ 1. Default 160.</summary>
    public int HeldOutPrompts { get; init; } = 160;

    /// <summary>Share of replies that are good; the others are bad in one of four ways, equally often. In [0, 1]. Default 0.4.</summary>
    public double GoodShare { get; init; } = 0.4;

    /// <summary>Writes train.jsonl, validation.jsonl and held-out.jsonl with the columns id, prompt, completion, source.</summary>
    /// <param name="folder">Where; it is created.</param>
    /// <param name="seed">The log's own seed: another one gives another log of the same kind.</param>
    public void Write(string folder, long seed)
    {
        Directory.CreateDirectory(folder);
        var random = new RandomStream(seed, "help desk");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        WriteSet(Path.Combine(folder, "train.jsonl"), "train", TrainPrompts, RepliesPerPrompt, random, seen);
        WriteSet(Path.Combine(folder, "validation.jsonl"), "validation", ValidationPrompts, 1, random, seen);
        WriteSet(Path.Combine(folder, "held-out.jsonl"), "held-out", HeldOutPrompts, 1, random, seen);
    }

    private void WriteSet(string path, string set, int prompts, int replies, RandomStream random, HashSet<string> seen)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        for (int i = 0; i < prompts; i++)
        {
            Message message = NewMessage(random, seen);
            for (int r = 0; r < replies; r++)
            {
                (string kind, string reply) = Reply(message, random);
                writer.WriteLine($$"""{"id": "{{set}}-{{i}}-{{r}}", "prompt": {{Quote(message.Prompt)}}, "completion": {{Quote(reply)}}, "source": "{{kind}}"}""");
            }
        }
        Runs.AtomicFile.WriteAllText(path, writer.ToString());
    }

    private static Message NewMessage(RandomStream random, HashSet<string> seen)
    {
        while (true)
        {
            Matter matter = Pick(s_matters, random);
            string name = Pick(s_names, random), number = NewNumber(random);
            bool numberless = random.NextDouble() < NumberlessShare;
            string prompt = Fill(Pick(numberless ? s_numberlessMessages : matter.Messages, random), name, number, matter.Word);
            if (seen.Add(prompt)) return new Message(matter, name, numberless ? null : number, prompt);
        }
    }

    private (string Kind, string Reply) Reply(Message message, RandomStream random)
    {
        if (random.NextDouble() < GoodShare) return ("good", Good(message, message.Number, random));
        switch (random.Next(4))
        {
            case 0:
                string wrong = NewNumber(random);
                return wrong == message.Number ? ("good", Good(message, wrong, random)) : ("wrong number", Good(message, wrong, random));
            case 1:
                return ("rude", Fill(Pick(s_insults, random), message.Name, "", message.Matter.Word));
            case 2:
                return ("off topic", Pick(s_strays, random));
            default:
                return ("too long", Good(message, message.Number, random) + Pick(s_padding, random) + Pick(s_padding, random));
        }
    }

    // With a number, a reply that names it; without, one that asks for it.
    private static string Good(Message message, string? number, RandomStream random) =>
        Fill($"{Pick(s_greetings, random)} {Pick(number is null ? s_numberlessReplies : message.Matter.Replies, random)}", message.Name, number ?? "", message.Matter.Word);

    private static string NewNumber(RandomStream random) => (100 + random.Next(900)).ToString(CultureInfo.InvariantCulture);

    private static string Fill(string template, string name, string number, string word) =>
        string.Format(CultureInfo.InvariantCulture, template, name, number, word);

    private static T Pick<T>(T[] items, RandomStream random) => items[random.Next(items.Length)];

    private static string Quote(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    private sealed record Matter(string Word, string[] Messages, string[] Replies);

    private sealed record Message(Matter Matter, string Name, string? Number, string Prompt);
}
