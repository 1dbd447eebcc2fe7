"""A poem in Russian from a text model, as it is written."""

from hfi import Client

client = Client()
for chunk in client.run(
    "Напиши короткое стихотворение о весне.", model="openai/gpt-oss-120b", stream=True
):
    print(chunk, end="", flush=True)
print()
