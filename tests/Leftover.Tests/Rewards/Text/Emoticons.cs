namespace Leftover.Tests.Rewards.Text;

/// <summary>The emoticons that the golden AFINN scores were made with, by value: AFINN-emoticon-8 of Nielsen's afinn 0.1.</summary>
internal static class Emoticons
{
    private static readonly (int Value, string Entries)[] s_values =
    [
        (-3, ":-(( :-((( :-(((( :(("),
        (-2, @":( :[ :{ :/ :\ :-( :-[ :-{ :-S :-/ :S :'( ): )-: ;-( ;( =( =/ =\ 8( 8-("),
        (-1, ":| :-| :-? =^/"),
        (0, "://"),
        (2, ":) :] :} :* :-) :-] :-} :-> :-* :o) (: (-: ;) ;-) 8) 8-)"),
        (3, @":-D :-P :-p :D :P :p ;-D =P \o/ ♥ :-)) :-))) :-)))) :-))))) :)) :))) :)))) :))))) ;)) ;))) <3 <33 8-D 8D X-D XD XO XOXO x-D xD xo xoxo"),
        (4, ":-)))))) :-))))))) :-)))))))) :-))))))))) :)))))) :))))))) :)))))))) :))))))))) :)))))))))) "
            + "<333 <3333 <33333 <333333 <3333333 <33333333 <333333333 XOXOXO xoxoxo xoxoxoxo"),
    ];

    public static void Write(string path) =>
        File.WriteAllLines(path, s_values.SelectMany(x => x.Entries.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(y => $"{y}\t{x.Value}")));
}
