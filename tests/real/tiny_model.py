"""Writes a model of a few hundred KB for llama.cpp: architecture, tokenizer and chat template are
those of real models, its words are not. Run by the environment that serves it, which has gguf:

    python tiny_model.py FILE <<< '{"template": "…", "pieces": ["Fine", " day.", …]}'

With `pieces` it says them one after the other, a token each, whatever it is asked: each token's
embedding has a direction of its own, which the output matrix turns into the next token. What comes
behind the last one is the end, or with `loops_to` the piece of that number again. With `noise` it
says pieces by chance, and bytes that are no text, until the end comes by chance.
"""
import json
import sys

import gguf
import numpy

WIDTH, HEADS, HIDDEN, CONTEXT = 128, 4, 64, 32768
UNKNOWN, BOS, EOS, START = 0, 1, 2, 3
BYTES = 4  # the first of 256
WORDS = BYTES + 256
NEWLINE = BYTES + ord("\n")  # the last token of each prompt: the template ends so
SEED = 20260101


def vocabulary(pieces):
    kinds = gguf.TokenType
    tokens = ["<unk>", "<s>", "<|im_end|>", "<|im_start|>", *(f"<0x{byte:02X}>" for byte in range(256)),
              *(piece.replace(" ", "▁") for piece in pieces)]
    types = [kinds.UNKNOWN, *[kinds.CONTROL] * 3, *[kinds.BYTE] * 256, *[kinds.NORMAL] * len(pieces)]
    return tokens, types


def following(count, loops_to):
    """Pairs of a token and the one that follows."""
    said = [NEWLINE, *range(WORDS, WORDS + count)]
    return [*zip(said, said[1:]), (said[-1], EOS if loops_to is None else WORDS + loops_to)]


def scripted(random, count, loops_to):
    """Embeddings and output matrix of a model that says its pieces."""
    sure = 4.0
    embeddings = random.normal(0, 0.02, (WORDS + count, WIDTH))
    output = random.normal(0, 0.02, (WORDS + count, WIDTH))
    for direction, (token, follower) in enumerate(following(count, loops_to)):
        embeddings[token, direction] = output[follower, direction] = sure
    return embeddings, output


def by_chance(random, count):
    """The first direction is the same in all embeddings, so that words are likelier than bytes."""
    embeddings = random.normal(0, 0.5, (WORDS + count, WIDTH))
    output = random.normal(0, 0.1, (WORDS + count, WIDTH))
    embeddings[:, 0], output[:, 0] = 4, 0
    output[WORDS:, 0] = output[EOS, 0] = 0.6
    output[[UNKNOWN, BOS, START], 0] = -4
    return embeddings, output


def write(path, template, pieces, loops_to=None, noise=False):
    random = numpy.random.default_rng(SEED)
    tokens, types = vocabulary(pieces)
    embeddings, output = by_chance(random, len(pieces)) if noise else scripted(random, len(pieces), loops_to)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(types)
    writer.add_unk_token_id(UNKNOWN)
    writer.add_bos_token_id(BOS)
    writer.add_eos_token_id(EOS)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(template)

    def add(name, matrix):
        writer.add_tensor(f"{name}.weight", matrix.astype(numpy.float32 if matrix.ndim == 1 else numpy.float16))

    add("token_embd", embeddings)
    add("output", output)
    add("output_norm", numpy.ones(WIDTH))
    for name in ("attn_norm", "ffn_norm"):
        add(f"blk.0.{name}", numpy.ones(WIDTH))
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        add(f"blk.0.{name}", random.normal(0, 0.02, (WIDTH, WIDTH)))
    for name, shape in (("ffn_gate", (HIDDEN, WIDTH)), ("ffn_up", (HIDDEN, WIDTH)), ("ffn_down", (WIDTH, HIDDEN))):
        add(f"blk.0.{name}", random.normal(0, 0.02, shape))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    write(sys.argv[1], **json.load(sys.stdin))
