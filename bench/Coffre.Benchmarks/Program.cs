using Coffre.Benchmarks;

if (args is ["hashing"])
{
    return HashingBenchmark.Run();
}

Console.Error.WriteLine("Usage: bench/run hashing");
return 2;
