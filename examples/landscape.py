"""A picture from an image model."""

from hfi import Client

client = Client()
image = client.run(
    "A beautiful landscape.", model="black-forest-labs/FLUX.1-schnell", aspect_ratio="16:9"
)
print(image.save("landscape"))
