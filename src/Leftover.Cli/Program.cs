using Leftover.Cli;

using var interruption = new Interruption(Console.Error);
return App.Run(args, new Host(Streams.OfProcess(), interruption.Token, TimeProvider.System));
