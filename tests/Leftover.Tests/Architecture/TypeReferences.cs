using System.Reflection;
using System.Reflection.Emit;

namespace Leftover.Tests.Architecture;

/// <summary>Which types a type refers to: in its base types, attributes, fields and signatures, and in the code of its methods.</summary>
/// <remarks>Read from the compiled assembly, so a <c>using</c> that nothing needs does not count and a name spelled out in full does. Constants leave no trace.</remarks>
internal static class TypeReferences
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> s_codes =
        typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>Every (from, to) of an assembly, from one type to another, generic types taken apart.</summary>
    public static IEnumerable<(Type From, Type To)> Of(Assembly assembly) =>
        assembly.GetTypes().Where(type => type.Namespace is not null).SelectMany(type => Of(type).SelectMany(Parts).Distinct().Where(to => to != type).Select(to => (type, to)));

    private static IEnumerable<Type> Of(Type type)
    {
        if (type.BaseType is { } parent) yield return parent;
        foreach (Type implemented in type.GetInterfaces()) yield return implemented;
        foreach (Type named in AttributesOf(type)) yield return named;
        foreach (FieldInfo field in type.GetFields(Declared)) yield return field.FieldType;
        foreach (PropertyInfo property in type.GetProperties(Declared))
            foreach (Type named in AttributesOf(property)) yield return named;
        foreach (MethodBase method in type.GetMethods(Declared).AsEnumerable<MethodBase>().Concat(type.GetConstructors(Declared)))
            foreach (Type named in Of(method)) yield return named;
    }

    private static IEnumerable<Type> Of(MethodBase method)
    {
        if (method is MethodInfo info) yield return info.ReturnType;
        foreach (ParameterInfo parameter in method.GetParameters()) yield return parameter.ParameterType;
        if (method.GetMethodBody() is not { } body) yield break;
        foreach (LocalVariableInfo local in body.LocalVariables) yield return local.LocalType;
        foreach (MemberInfo member in MembersOf(method, body.GetILAsByteArray()!))
        {
            yield return member as Type ?? member.DeclaringType!;
            if (member is FieldInfo field) yield return field.FieldType;
            if (member is not MethodBase called) continue;
            if (called is MethodInfo { IsGenericMethod: true })
                foreach (Type argument in called.GetGenericArguments()) yield return argument;
            if (called is MethodInfo returns) yield return returns.ReturnType;
        }
    }

    private static IEnumerable<Type> AttributesOf(MemberInfo member) =>
        member.GetCustomAttributesData().SelectMany(attribute => attribute.ConstructorArguments.Select(argument => argument.Value).OfType<Type>().Append(attribute.AttributeType));

    // The members that the instructions name by token.
    private static IEnumerable<MemberInfo> MembersOf(MethodBase method, byte[] code)
    {
        Type[] ofType = method.DeclaringType!.GetGenericArguments(), ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : [];
        for (int at = 0; at < code.Length;)
        {
            short value = code[at++];
            if (value == 0xFE) value = unchecked((short)(0xFE00 | code[at++]));
            OpCode instruction = s_codes[value];
            if (instruction.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
                yield return method.Module.ResolveMember(BitConverter.ToInt32(code, at), ofType, ofMethod)!;
            at += instruction.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
                _ => 4,
            };
        }
    }

    // The type itself; of arrays and references the element, of generic types the definition and its arguments.
    private static IEnumerable<Type> Parts(Type type)
    {
        while (type.HasElementType) type = type.GetElementType()!;
        if (type.IsGenericParameter || type.IsFunctionPointer) yield break;
        if (type.IsGenericType)
        {
            foreach (Type part in type.GetGenericArguments().SelectMany(Parts)) yield return part;
            type = type.GetGenericTypeDefinition();
        }
        yield return type;
    }
}
