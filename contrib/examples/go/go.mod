module example.com/clusterd-example

go 1.19
