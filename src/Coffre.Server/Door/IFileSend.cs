using System.IO.Pipelines;
using Microsoft.Win32.SafeHandles;

namespace Coffre.Server.Door;

/// <summary>A connection that can be given a piece of a file in the place of bytes (a feature of connections without TLS).</summary>
internal interface IFileSend
{
    /// <summary>Appends a piece of a file to a response. It is read at the next flush, which must come before anything else is written.</summary>
    /// <param name="body">The response's body, with its headers already written.</param>
    /// <param name="file">Stays open until the flush has ended.</param>
    /// <param name="offset">Where the piece begins.</param>
    /// <param name="count">Its bytes, 1 to <see cref="DirectWriter.LargestPiece"/>.</param>
    /// <returns>False, and nothing was appended, if somebody between this connection and the response needs the bytes themselves.</returns>
    bool TryAppend(PipeWriter body, SafeFileHandle file, long offset, int count);

    /// <summary>Why the connection was ended in the middle of a piece, if it was not the client's doing: the flush itself must not throw.</summary>
    Exception? Trouble { get; }

    /// <summary>Whether the client takes bytes more slowly than they come.</summary>
    bool IsFull { get; }
}
